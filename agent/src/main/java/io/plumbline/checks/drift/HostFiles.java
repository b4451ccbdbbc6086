package io.plumbline.checks.drift;

import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** From a mount in a container to the path that the host has for it, joined by the device number of the file system. */
final class HostFiles {

    private final Map<String, List<Mount>> byDevice = new HashMap<>();

    HostFiles(MountTable host) {
        for (Mount mount : host.mounts()) {
            byDevice.computeIfAbsent(mount.device(), device -> new ArrayList<>())
                    .add(mount);
        }
    }

    /**
     * The host's path of what a mount shows; the device where the host has not mounted it; empty for a file system that is the
     * container's own, or that shows the kernel's state and no files.
     */
    Optional<String> originOf(Mount mount) {
        if (isKernelInterface(mount)) {
            return Optional.empty();
        }
        List<Mount> candidates = byDevice.getOrDefault(mount.device(), List.of());
        Optional<String> path = candidates.stream()
                .filter(host -> isWithin(mount.root(), host.root()))
                .findFirst()
                .map(host -> join(
                        host.mountPoint(),
                        mount.root()
                                .substring(
                                        host.root().equals("/")
                                                ? 0
                                                : host.root().length())));
        if (path.isPresent()) {
            return path;
        }
        if (!candidates.isEmpty()) {
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

    static boolean isWithin(String path, String directory) {
        return directory.equals("/") || path.equals(directory) || path.startsWith(directory + "/");
    }

    private static String join(String mountPoint, String rest) {
        String tail = rest.equals("/") ? "" : rest;
        return mountPoint.equals("/") ? (tail.isEmpty() ? "/" : tail) : mountPoint + tail;
    }
}
