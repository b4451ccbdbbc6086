package io.plumbline.checks.drift;

import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.PathIndex;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From a mount in a container to the path that the host has for it, joined by the device number of the file system. */
final class HostFiles {

    /** Of each of these there is one, which shows the node's own kernel, devices and firmware, whether the host has mounted it or not. */
    private static final Set<String> ONE_FOR_ALL = Set.of(
            "configfs",
            "debugfs",
            "devtmpfs",
            "efivarfs",
            "fusectl",
            "pstore",
            "securityfs",
            "selinuxfs",
            "smackfs",
            "tracefs");

    /** Each file of it is a namespace, and tells its type and inode: {@code net:[4026531840]}. */
    private static final String NAMESPACES = "nsfs";

    private final Map<String, OfDevice> byDevice = new HashMap<>();

    private final Set<String> hostNamespaces = new HashSet<>();

    /**
     * One of the host's mounts.
     *
     * @param rank how many stand before it in the host's table
     */
    private record Shown(int rank, Mount mount) {}

    /** What the host has mounted of one device. */
    private static final class OfDevice {

        private final Map<String, Shown> byRoot = new HashMap<>();
        private @Nullable PathIndex roots;

        /** Of two that show the same, the first one counts. */
        void add(Shown shown) {
            byRoot.putIfAbsent(shown.mount().root(), shown);
        }

        /** Of all that show this part of the device, the first. */
        Optional<Mount> showing(String root) {
            PathIndex index = roots;
            if (index == null) {
                index = new PathIndex(byRoot.keySet());
                roots = index;
            }
            return index.around(root).stream()
                    .flatMap(around -> Optional.ofNullable(byRoot.get(around)).stream())
                    .min(Comparator.comparingInt(Shown::rank))
                    .map(Shown::mount);
        }
    }

    /** Of a node whose mount table was not read nothing is known but what is the host's everywhere. */
    HostFiles(NodeFacts facts) {
        int rank = 0;
        for (Mount mount : facts.hostMounts().observed().map(MountTable::mounts).orElse(List.of())) {
            byDevice.computeIfAbsent(mount.device(), device -> new OfDevice()).add(new Shown(rank++, mount));
        }
        facts.hostNamespaces()
                .forEach((type, inode) ->
                        inode.observed().ifPresent(number -> hostNamespaces.add(type.link() + ":[" + number + "]")));
    }

    /**
     * The host's path of what a mount shows; the device where the host has not mounted it; the name of a namespace that is the host's; empty
     * for a file system that is the container's own, or that shows the kernel's state and no files.
     */
    Optional<String> originOf(Mount mount) {
        if (isKernelInterface(mount)) {
            return Optional.empty();
        }
        OfDevice mounted = byDevice.get(mount.device());
        Optional<String> path = Optional.ofNullable(mounted)
                .flatMap(of -> of.showing(mount.root()))
                .map(host -> pathOf(mount, host));
        if (path.isPresent()) {
            return path;
        }
        if (mount.fileSystemType().equals(NAMESPACES)) {
            return Optional.of(mount.root()).filter(hostNamespaces::contains);
        }
        if (ONE_FOR_ALL.contains(mount.fileSystemType())) {
            return Optional.of(mount.fileSystemType() + ":" + mount.root());
        }
        if (mounted != null) {
            return Optional.of(mount.source() + ":" + mount.root());
        }
        // Major 0 is no disk: a tmpfs, overlay or FUSE of the container itself.
        return mount.device().startsWith("0:") ? Optional.empty() : Optional.of(mount.source() + ":" + mount.root());
    }

    /** What every container has, and shares with others by its namespaces: /proc, /sys, cgroups, message queues, terminals. */
    private static boolean isKernelInterface(Mount mount) {
        String at = mount.mountPoint();
        return switch (mount.fileSystemType()) {
            case "proc" -> at.equals("/proc") || at.startsWith("/proc/");
            case "sysfs" -> at.equals("/sys") || at.startsWith("/sys/");
            case "cgroup", "cgroup2" -> at.startsWith("/sys/fs/cgroup");
            case "mqueue" -> at.equals("/dev/mqueue");
            case "devpts" -> at.startsWith("/dev/");
            default -> false;
        };
    }

    /** @param host the mount of the host that shows it too */
    private static String pathOf(Mount mount, Mount host) {
        int above = host.root().equals("/") ? 0 : host.root().length();
        return join(host.mountPoint(), mount.root().substring(above));
    }

    private static String join(String mountPoint, String rest) {
        String tail = rest.equals("/") ? "" : rest;
        return mountPoint.equals("/") ? (tail.isEmpty() ? "/" : tail) : mountPoint + tail;
    }
}
