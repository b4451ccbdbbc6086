package io.plumbline.checks.drift;

import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod.Volume;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

    /** Directories that are links in one image and not in another, or in an image and not on the node. */
    private static final Map<String, String> LINKS = Map.of(
            "/var/run", "/run", "/bin", "/usr/bin", "/sbin", "/usr/sbin", "/lib", "/usr/lib", "/lib64", "/usr/lib64");

    /**
     * Where runtimes and kubelet keep those files, the termination log and the shared memory of a container or its sandbox: below a directory
     * with its id or its pod's UID. What stands before may be a link.
     */
    private static final Pattern KEPT_FOR_IT =
            Pattern.compile("/(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
                    + "/(?:(?:userdata/|mounts/)?(?:etc-hosts|hosts|hostname|resolv\\.conf|\\.containerenv|run/secrets|shm)"
                    + "|containers/[^/]+/[0-9a-f]{8})$");

    private static final String UNLINKED = "//deleted";

    private static final Pattern DOCKER_VOLUME = Pattern.compile("/volumes/[0-9a-f]{64}/_data$");

    private final ContainerView container;
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
                        && !isReplaced(at, origin)
                        && !isOverAnother(mount, at, table))
                || isVolumeElsewhere(at, origin)
                || isOfDevice(at, origin)
                || isThisPodsOwn(origin)
                || isThisContainersOwn(origin)
                || isDockersOwn(at, origin)
                || isItsNamespace(mount)
                || (isAtOrBelowAny(origin, hostPaths)
                        && (mount.isReadOnly()
                                || isAtOrBelowAny(origin, writableHostPaths)
                                || readOnlyPaths.stream().noneMatch(path -> showsSame(mount, path, table))));
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
                        && HostFiles.isWithin(mount.root(), volume.root())
                        && !HostFiles.isWithin(mount.mountPoint(), volume.mountPoint()))
                .isPresent();
    }

    /** The kubelet's root directory is where its administrator likes; a volume that the runtime was told to mount here from there is this one. */
    private boolean isVolumeElsewhere(String at, String origin) {
        if (!volumePaths.contains(at)) {
            return false;
        }
        String path = Volumes.normal(origin);
        boolean ofTheSystem = path.equals("/") || SYSTEM.stream().anyMatch(directory -> isAtOrBelow(path, directory));
        return !ofTheSystem && wasTold(at, path);
    }

    /** A device comes with its driver's libraries, programs and sockets, which plugin or CDI told the runtime to mount; the host's root is none. */
    private boolean isOfDevice(String at, String origin) {
        return container.container().filter(spec -> !spec.devices().isEmpty()).isPresent()
                && !origin.equals("/")
                && wasTold(at, origin);
    }

    /** Was the runtime told to mount this here? */
    private boolean wasTold(String at, String origin) {
        String path = alias(Volumes.normal(origin));
        return wasTold(at, source -> alias(source).equals(path));
    }

    private boolean wasTold(String at, Predicate<String> isSource) {
        return wasTold(at, isSource, false);
    }

    /** @param unread the answer where nobody knows what the runtime was told */
    private boolean wasTold(String at, Predicate<String> isSource, boolean unread) {
        return container
                .granted()
                .observed()
                .map(bundle -> told(bundle, at).anyMatch(isSource))
                .orElse(unread);
    }

    private static Stream<String> told(OciBundle bundle, String at) {
        return bundle.mounts().stream()
                .filter(mount -> alias(Volumes.normal(mount.destination())).equals(at))
                .map(mount -> Volumes.normal(mount.source()));
    }

    /** Is it certain that this is not what the runtime mounted here? */
    boolean isInPlaceOfAnother(Mount mount, String origin, MountTable table) {
        String at = alias(mount.mountPoint());
        return isReplaced(at, origin) || isOverAnother(mount, at, table);
    }

    /** Is something else here than what the runtime was told to mount, a file that is kept for this container? */
    private boolean isReplaced(String at, String origin) {
        return container
                .granted()
                .observed()
                .filter(bundle -> told(bundle, at).findAny().isPresent()
                        && told(bundle, at).noneMatch(source -> isSame(source, origin)))
                .isPresent();
    }

    /**
     * Was it mounted over what is to be here? A runtime mounts nothing twice, and what the host mounts comes into the container only where
     * mounts are propagated to.
     */
    private boolean isOverAnother(Mount mount, String at, MountTable table) {
        return table.mounts().stream()
                        .anyMatch(below -> below.id() == mount.parent()
                                && below.mountPoint().equals(mount.mountPoint())
                                && below.isPrivate())
                && container
                        .granted()
                        .observed()
                        .filter(bundle -> told(bundle, at).count() == 1)
                        .isPresent();
    }

    /** Can this be the source that the runtime was told of? Where it is kept for a container that is known for sure, else it is taken for it. */
    private static boolean isSame(String source, String origin) {
        Matcher kept = KEPT_FOR_IT.matcher(source);
        String shown = origin.endsWith(UNLINKED) ? origin.substring(0, origin.length() - UNLINKED.length()) : origin;
        return !kept.find() || shown.endsWith(kept.group());
    }

    /**
     * Is this mount a volume of the container? What a runtime gives every container (/dev, /dev/shm) is none, nor what the container
     * mounted itself.
     */
    boolean isVolume(Mount mount) {
        return volumePaths.stream().anyMatch(path -> isAtOrBelow(alias(mount.mountPoint()), path))
                || isThisPodsOwn(mount.root())
                || isThisContainersOwn(mount.root())
                || isDockersOwn(alias(mount.mountPoint()), mount.root());
    }

    /** The root file system; no image is the host's own root. */
    private static boolean isImage(Mount mount, String origin) {
        return mount.mountPoint().equals("/") && !origin.equals("/");
    }

    private boolean isRuntimesOwn(Mount mount, String origin, MountTable table) {
        String at = mount.mountPoint();
        boolean inMemory = mount.fileSystemType().equals("tmpfs");
        return (RUNTIMES_OWN.contains(at)
                        && wasTold(at, source -> isSame(source, origin), true)
                        && !isOverAnother(mount, at, table))
                || (at.equals("/dev/shm") && inMemory && !isInPlaceOfAnother(mount, origin, table))
                || (covers.contains(at) && (inMemory || mount.root().equals("/null")))
                || (DEVICES.contains(at) && mount.root().equals(at.substring("/dev".length())))
                // All of the host's devices are what privileged means.
                || (privileged
                        && isAtOrBelow(at, "/dev")
                        && mount.fileSystemType().equals("devtmpfs"));
    }

    private static boolean isAtOrBelow(String at, String path) {
        return at.startsWith(path)
                && (at.length() == path.length() || path.equals("/") || at.charAt(path.length()) == '/');
    }

    /** One name for a path that may be reached through a link. */
    private static String alias(String path) {
        for (Map.Entry<String, String> link : LINKS.entrySet()) {
            if (isAtOrBelow(path, link.getKey())) {
                return link.getValue() + path.substring(link.getKey().length());
            }
        }
        return path;
    }

    /** The kubelet's directory of this pod: volumes, sub-paths, the hosts file, termination logs. Its name is the pod's UID. */
    private boolean isThisPodsOwn(String origin) {
        return origin.contains("/pods/")
                && container
                        .pod()
                        .filter(pod -> pod.cgroupUids().stream().anyMatch(uid -> origin.contains("/pods/" + uid + "/")))
                        .isPresent();
    }

    /**
     * What the runtime keeps for this container, its id in the path: the directories that its image declares to be volumes ({@code VOLUME},
     * containerd and CRI-O), and the {@code /etc/passwd} and {@code /etc/group} that CRI-O writes for a user whom the image does not know.
     */
    private boolean isThisContainersOwn(String origin) {
        String id = container.identity().containerId();
        return !id.isEmpty()
                && (origin.contains("/containers/" + id + "/volumes/")
                        || origin.contains("-containers/" + id + "/userdata/"));
    }

    /** A name for a namespace that the container is in ({@code ip netns attach}). */
    private boolean isItsNamespace(Mount mount) {
        return mount.fileSystemType().equals("nsfs")
                && container
                        .first()
                        .filter(first -> Arrays.stream(NamespaceType.values())
                                .anyMatch(type -> first.process()
                                        .namespaces()
                                        .inode(type)
                                        .observed()
                                        .filter(inode -> mount.root().equals(type.link() + ":[" + inode + "]"))
                                        .isPresent()))
                        .isPresent();
    }

    /** Docker keeps an image's volume under a name of its own making, in which no container's id is: only the bundle tells whose it is. */
    private boolean isDockersOwn(String at, String origin) {
        return container.identity().runtime().equals("docker")
                && DOCKER_VOLUME.matcher(origin).find()
                && wasTold(at, source -> source.endsWith(origin));
    }
}
