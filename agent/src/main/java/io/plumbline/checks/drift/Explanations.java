package io.plumbline.checks.drift;

import static io.plumbline.checks.drift.MountPoints.alias;
import static io.plumbline.checks.drift.MountPoints.isAtOrBelow;

import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod.Volume;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.OciBundle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What may be mounted into a container, and why. */
final class Explanations {

    /** Files that runtimes give every container, and where kubelet, containerd, CRI-O and podman put them. */
    private static final Set<String> RUNTIMES_OWN = Set.of(
            "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv", "/run/secrets", "/etc/mtab");

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

    /** The kubelet makes these in the pod's own directory; what lies elsewhere is not this volume, whatever is mounted at its path. */
    private static final Set<String> IN_THE_PODS_DIRECTORY =
            Set.of("configMap", "downwardAPI", "emptyDir", "projected", "secret");

    /** Where no kubelet has its volumes. */
    private static final List<String> SYSTEM = List.of(
            "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/proc", "/root", "/sbin", "/sys", "/usr");

    private final ContainerView container;
    private final ToldMounts told;
    private final OwnMounts own;
    private final boolean privileged;
    private final List<String> declared = new ArrayList<>();
    private final List<String> volumePaths = new ArrayList<>();
    private final List<String> treePaths = new ArrayList<>();
    private final Set<String> singlePaths = new HashSet<>();
    private final List<String> hostPaths = new ArrayList<>();
    private final List<String> writableHostPaths = new ArrayList<>();
    private final Set<String> readOnlyPaths = new HashSet<>();
    private final Set<String> covers = new HashSet<>();

    Explanations(ContainerView container) {
        this.container = container;
        this.told = new ToldMounts(container.granted());
        this.own = new OwnMounts(container, told);
        this.privileged = container
                .container()
                .flatMap(spec -> spec.security().privileged())
                .orElse(false);
        container.container().ifPresent(this::ofSpec);
        if (container.declaration() instanceof Declaration.OfBundle bundle) {
            bundle.bundle().mounts().forEach(this::ofBundle);
        }
        container.granted().observed().ifPresent(this::ofTold);
        container.expected().masks().value().ifPresent(masks -> covers.addAll(masks.masked()));
    }

    private void ofSpec(DeclaredContainer spec) {
        for (VolumeMount mount : spec.volumeMounts()) {
            Optional<Volume> volume = Volumes.of(mount, container);
            String path = alias(Volumes.normal(mount.mountPath()));
            declared.add(mount.mountPath());
            volumePaths.add(path);
            if (volume.filter(v -> IN_THE_PODS_DIRECTORY.contains(v.type())).isEmpty()) {
                treePaths.add(path);
            }
            if (mount.readOnly()) {
                readOnlyPaths.add(path);
            }
            volume.flatMap(Volume::hostPath).map(Volumes::normal).ifPresent(host -> {
                hostPaths.add(alias(host));
                if (!mount.readOnly()) {
                    writableHostPaths.add(alias(host));
                }
            });
        }
        declared.add(spec.terminationMessagePath());
        singlePaths.add(alias(Volumes.normal(spec.terminationMessagePath())));
        spec.volumeDevices().forEach(device -> singlePaths.add(alias(Volumes.normal(device))));
    }

    private void ofBundle(OciBundle.BundleMount mount) {
        String path = alias(Volumes.normal(mount.destination()));
        declared.add(mount.destination());
        if (mount.type().equals("bind")
                || mount.options().contains("bind")
                || mount.options().contains("rbind")) {
            volumePaths.add(path);
            treePaths.add(path);
        } else {
            singlePaths.add(path);
        }
    }

    /** What the runtime was told beside: masks, and that of secrets and such, which the kubelet lets nobody write, the mount is read-only. */
    private void ofTold(OciBundle bundle) {
        covers.addAll(bundle.maskedPaths());
        bundle.mounts().stream()
                .filter(OciBundle.BundleMount::isReadOnly)
                .map(mount -> alias(Volumes.normal(mount.destination())))
                .filter(volumePaths::contains)
                .forEach(readOnlyPaths::add);
    }

    String words() {
        return declared.isEmpty() ? "no volumes" : String.join(", ", declared);
    }

    /**
     * Is this mount explained? A volume that is only to be read explains none that can be written to.
     *
     * @param origin the host's path of what it shows
     * @param table that it stands in
     */
    boolean explain(Mount mount, String origin, MountTable table) {
        String at = alias(mount.mountPoint());
        if (isWritableVolume(mount)) {
            return false;
        }
        return isImage(mount, origin)
                || isRuntimesOwn(mount, origin, table)
                || ((singlePaths.contains(at) || treePaths.stream().anyMatch(path -> isAtOrBelow(at, path)))
                        && !isInPlaceOfAnother(mount, origin, table))
                || isVolumeElsewhere(at, origin)
                || isOfDevice(at, origin)
                || own.has(at, origin)
                || own.isItsNamespace(mount)
                || (isAtOrBelowAny(origin, hostPaths)
                        && (mount.isReadOnly()
                                || isAtOrBelowAny(origin, writableHostPaths)
                                || readOnlyPaths.stream().noneMatch(path -> showsSame(mount, path, table))));
    }

    /** Is it certain that this is not what the runtime mounted here? */
    boolean isInPlaceOfAnother(Mount mount, String origin, MountTable table) {
        return told.isInPlaceOfAnother(mount, origin, table);
    }

    /** Can it be written to, at the place of a volume that is only to be read? */
    boolean isWritableVolume(Mount mount) {
        return !mount.isReadOnly() && readOnlyPaths.contains(alias(mount.mountPoint()));
    }

    private static boolean isAtOrBelowAny(String origin, List<String> paths) {
        return paths.stream().anyMatch(path -> isAtOrBelow(alias(origin), path));
    }

    /** Files of the volume that is mounted at this path, shown once more; what is mounted on the volume comes with it. */
    private static boolean showsSame(Mount mount, String path, MountTable table) {
        return table.at(path)
                .filter(volume -> volume.device().equals(mount.device())
                        && isAtOrBelow(mount.root(), volume.root())
                        && !isAtOrBelow(mount.mountPoint(), volume.mountPoint()))
                .isPresent();
    }

    /** The kubelet's root directory is where its administrator likes; a volume that the runtime was told to mount here from there is this one. */
    private boolean isVolumeElsewhere(String at, String origin) {
        if (!volumePaths.contains(at)) {
            return false;
        }
        String path = Volumes.normal(origin);
        boolean ofTheSystem = path.equals("/") || SYSTEM.stream().anyMatch(directory -> isAtOrBelow(path, directory));
        return !ofTheSystem && told.isOf(at, path);
    }

    /** A device comes with its driver's libraries, programs and sockets, which plugin or CDI told the runtime to mount; the host's root is none. */
    private boolean isOfDevice(String at, String origin) {
        return container.container().filter(spec -> !spec.devices().isEmpty()).isPresent()
                && !origin.equals("/")
                && told.isOf(at, origin);
    }

    /**
     * Is this mount a volume of the container? What a runtime gives every container (/dev, /dev/shm) is none, nor what the container
     * mounted itself.
     */
    boolean isVolume(Mount mount) {
        return volumePaths.stream().anyMatch(path -> isAtOrBelow(alias(mount.mountPoint()), path))
                || own.has(alias(mount.mountPoint()), mount.root());
    }

    /** The root file system; no image is the host's own root. */
    private static boolean isImage(Mount mount, String origin) {
        return mount.mountPoint().equals("/") && !origin.equals("/");
    }

    private boolean isRuntimesOwn(Mount mount, String origin, MountTable table) {
        String at = mount.mountPoint();
        boolean inMemory = mount.fileSystemType().equals("tmpfs");
        return (RUNTIMES_OWN.contains(at) && told.mayBe(at, origin) && !told.isOverAnother(mount, at, table))
                || (at.equals("/dev/shm") && inMemory && !isInPlaceOfAnother(mount, origin, table))
                || (covers.contains(at) && (inMemory || mount.root().equals("/null")))
                || (DEVICES.contains(at) && mount.root().equals(at.substring("/dev".length())))
                // All of the host's devices are what privileged means.
                || (privileged
                        && isAtOrBelow(at, "/dev")
                        && mount.fileSystemType().equals("devtmpfs"));
    }
}
