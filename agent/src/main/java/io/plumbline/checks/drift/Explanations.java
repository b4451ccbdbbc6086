package io.plumbline.checks.drift;

import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.Mount;
import io.plumbline.model.OciBundle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What may be mounted into a container, and why. */
final class Explanations {

    /** Files that runtimes give every container, and where kubelet, containerd, CRI-O and podman put them. */
    private static final Set<String> RUNTIMES_OWN = Set.of(
            "/etc/hosts",
            "/etc/hostname",
            "/etc/resolv.conf",
            "/dev/shm",
            "/run/.containerenv",
            "/run/secrets",
            "/etc/mtab");

    /** Device files that are bound from the host where a user namespace cannot make them. */
    private static final Set<String> DEVICES = Set.of(
            "/dev/null",
            "/dev/zero",
            "/dev/full",
            "/dev/random",
            "/dev/urandom",
            "/dev/tty",
            "/dev/console",
            "/dev/ptmx");

    private final ContainerView container;
    private final List<String> mountPaths = new ArrayList<>();
    private final List<String> hostPaths = new ArrayList<>();
    private final List<String> volumePaths = new ArrayList<>();
    private final Set<String> covers = new HashSet<>();

    Explanations(ContainerView container) {
        this.container = container;
        container.container().ifPresent(this::ofSpec);
        if (container.declaration() instanceof Declaration.OfBundle bundle) {
            for (OciBundle.BundleMount mount : bundle.bundle().mounts()) {
                mountPaths.add(Volumes.normal(mount.destination()));
                if (mount.type().equals("bind")
                        || mount.options().contains("bind")
                        || mount.options().contains("rbind")) {
                    volumePaths.add(Volumes.normal(mount.destination()));
                }
            }
        }
        container.granted().observed().map(OciBundle::maskedPaths).ifPresent(covers::addAll);
        container.expected().masks().value().ifPresent(masks -> covers.addAll(masks.masked()));
    }

    private void ofSpec(DeclaredContainer declared) {
        for (VolumeMount mount : declared.volumeMounts()) {
            mountPaths.add(Volumes.normal(mount.mountPath()));
            volumePaths.add(Volumes.normal(mount.mountPath()));
            Volumes.of(mount, container)
                    .flatMap(volume -> volume.hostPath())
                    .ifPresent(path -> hostPaths.add(Volumes.normal(path)));
        }
        mountPaths.add(Volumes.normal(declared.terminationMessagePath()));
        declared.volumeDevices().forEach(path -> mountPaths.add(Volumes.normal(path)));
    }

    String words() {
        return mountPaths.isEmpty() ? "no volumes" : String.join(", ", mountPaths);
    }

    /**
     * Is this mount explained?
     *
     * @param origin the host's path of what it shows
     */
    boolean explain(Mount mount, String origin) {
        String at = mount.mountPoint();
        return at.equals("/") // the root file system itself is the image
                || RUNTIMES_OWN.contains(at)
                || covers.contains(at)
                || (DEVICES.contains(at) && mount.root().equals(at.substring("/dev".length())))
                || mountPaths.stream().anyMatch(path -> isAtOrBelow(at, path))
                || isThisPodsOwn(origin)
                || hostPaths.stream().anyMatch(path -> isAtOrBelow(alias(origin), alias(path)));
    }

    /**
     * Is this mount a volume of the container? What a runtime gives every container (/dev, /dev/shm) is none, nor what the container
     * mounted itself.
     */
    boolean isVolume(Mount mount) {
        return volumePaths.stream().anyMatch(path -> isAtOrBelow(mount.mountPoint(), path))
                || isThisPodsOwn(mount.root());
    }

    /** A volume is mounted with what lies below it; and {@code /var/run} is {@code /run} in most images. */
    private static boolean isAtOrBelow(String at, String path) {
        return path.equals("/")
                || at.equals(path)
                || at.startsWith(path + "/")
                || alias(at).equals(alias(path))
                || alias(at).startsWith(alias(path) + "/");
    }

    private static String alias(String path) {
        return path.equals("/var/run") || path.startsWith("/var/run/") ? path.substring("/var".length()) : path;
    }

    /** The kubelet's directory of this pod: volumes, sub-paths, the hosts file, termination logs. Its name is the pod's UID. */
    private boolean isThisPodsOwn(String origin) {
        return container
                .pod()
                .filter(pod -> pod.cgroupUids().stream().anyMatch(uid -> origin.contains("/pods/" + uid + "/")))
                .isPresent();
    }
}
