package io.plumbline.model;

import java.util.Optional;

/** To whom a process belongs, and if to nobody that we know, why. A wrong answer is worse than none. */
public sealed interface Attribution {

    /**
     * A process in the cgroup of a container.
     *
     * @param container whose it is
     */
    record OfContainer(ContainerIdentity container) implements Attribution {}

    /**
     * A process in the cgroup of a pod's sandbox: the pause process.
     *
     * @param sandbox with the sandbox's id and no container name
     */
    record OfSandbox(ContainerIdentity sandbox) implements Attribution {}

    /** A process of the node itself. */
    record OfHost(HostKind kind) implements Attribution {}

    /**
     * A process that sits where pods sit, or may, and that nobody explains.
     *
     * @param reason one of a few words, good for a label
     * @param detail the path or the ids
     * @param podUid as in the cgroup's name, where there is one
     * @param containerId as in the cgroup's name, where there is one
     * @param pod the pod that the kubelet has under this UID
     */
    record Unattributed(
            Reason reason,
            String detail,
            Optional<String> podUid,
            Optional<String> containerId,
            Optional<DeclaredPod> pod)
            implements Attribution {}

    /** What kind of process of the node it is. */
    enum HostKind {
        KERNEL_THREAD,
        ZOMBIE,
        /** containerd-shim, conmon: between the runtime and a container. */
        SHIM,
        /** runc or crun while they set a container up. */
        RUNTIME,
        /** The reader itself. */
        AGENT,
        PROCESS
    }

    /** Why a process could not be attributed. */
    enum Reason {
        /** The cgroup is called like a pod's or a container's, and is not where that one's is. */
        CONFLICT("conflict"),
        /** The lines of {@code /proc/<pid>/cgroup} name different pods or containers. */
        CONTRADICTION("in cgroups of different containers"),
        /** {@code /proc/<pid>/cgroup} could not be read. */
        UNREADABLE("cgroup unreadable"),
        /** The pod in the path is not in the kubelet's answer. */
        UNKNOWN_POD("unknown pod"),
        /** The pod is known, the container below it is not. */
        UNKNOWN_CONTAINER("unknown container"),
        /** Directly in the pod's cgroup, in no container. */
        NO_CONTAINER("in the pod's cgroup, in no container");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }
}
