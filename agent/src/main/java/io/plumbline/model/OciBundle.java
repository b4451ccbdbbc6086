package io.plumbline.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a runtime was told to make: the parts of an OCI runtime specification's {@code config.json} that lead to something in the
 * kernel, and what the bundle's directory tells beside it.
 *
 * @param id the container's id
 * @param runtime who keeps the bundle: {@code containerd}, {@code cri-o}, {@code docker}, {@code podman}; {@code runc} or {@code crun}
 *     where none of them does
 * @param runtimeNamespace containerd's namespace, {@code k8s.io} for the kubelet's containers
 * @param source the file
 * @param name the container's name outside of Kubernetes, where the runtime keeps one
 * @param capabilities empty where the specification has none: the process gets no capability
 * @param user {@code process.user}; ids inside of the container
 * @param seccomp {@code linux.seccomp} is there
 * @param appArmorProfile empty where nothing is asked for
 * @param namespaces kinds that are made new (empty text) or joined (the path)
 * @param uidMapped the specification maps user ids
 * @param initPid pid of the container's first process in the runtime's pid namespace, where the runtime wrote it down; of a
 *     container that has ended it may be another process's by now
 * @param personal it lies where a user keeps his own: it says what that user likes, of any id and any cgroup
 */
public record OciBundle(
        String id,
        String runtime,
        String runtimeNamespace,
        String source,
        Optional<String> name,
        Map<String, String> annotations,
        Capabilities capabilities,
        User user,
        boolean noNewPrivileges,
        boolean seccomp,
        Optional<String> appArmorProfile,
        Optional<String> selinuxLabel,
        boolean readOnlyRoot,
        List<String> maskedPaths,
        List<String> readOnlyPaths,
        Map<NamespaceType, String> namespaces,
        boolean uidMapped,
        List<BundleMount> mounts,
        Optional<String> cgroupsPath,
        Optional<Integer> initPid,
        boolean personal) {

    private static final Set<String> KERNEL_FILE_SYSTEMS = Set.of("sysfs", "cgroup", "cgroup2");

    public OciBundle {
        annotations = Map.copyOf(annotations);
        maskedPaths = List.copyOf(maskedPaths);
        readOnlyPaths = List.copyOf(readOnlyPaths);
        namespaces = Map.copyOf(namespaces);
        mounts = List.copyOf(mounts);
    }

    /** The paths of /proc and /sys that are to be read-only: those of {@code linux.readonlyPaths}, and mounts of /sys and of cgroups. */
    public List<String> readOnlyKernelPaths() {
        return Stream.concat(
                        readOnlyPaths.stream(),
                        mounts.stream()
                                .filter(mount -> KERNEL_FILE_SYSTEMS.contains(mount.type()) && mount.isReadOnly())
                                .map(BundleMount::destination))
                .distinct()
                .toList();
    }

    /** {@code process.capabilities}. */
    public record Capabilities(
            CapabilitySet bounding,
            CapabilitySet effective,
            CapabilitySet permitted,
            CapabilitySet inheritable,
            CapabilitySet ambient) {}

    /** {@code process.user}. */
    public record User(long uid, long gid, List<Long> additionalGids) {
        public User {
            additionalGids = List.copyOf(additionalGids);
        }
    }

    /** One of {@code mounts}. */
    public record BundleMount(String destination, String type, String source, List<String> options) {
        public BundleMount {
            options = List.copyOf(options);
        }

        /** {@code rro} is read-only with all that is mounted below. */
        public boolean isReadOnly() {
            return options.contains("ro") || options.contains("rro");
        }
    }
}
