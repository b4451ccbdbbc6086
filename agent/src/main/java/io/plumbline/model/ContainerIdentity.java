package io.plumbline.model;

import java.util.Optional;

/**
 * The names of one container on this node, as far as it has them.
 *
 * @param namespace Kubernetes namespace, or the runtime's namespace where there is no pod; may be empty text
 * @param pod empty text where there is no pod
 * @param podUid empty text where there is no pod
 * @param container the container's name, its id where nobody knows a name; empty for a sandbox, and for no container at all
 * @param containerId the runtime's id without scheme
 * @param runtime containerd, cri-o, docker or podman; empty text where unknown
 */
public record ContainerIdentity(
        String namespace, String pod, String podUid, Optional<String> container, String containerId, String runtime) {

    /** The node itself, of which a finding may be too. */
    public static final ContainerIdentity NODE = new ContainerIdentity("", "", "", Optional.empty(), "", "");

    /** Names for a sentence: {@code shop/worker-tree (container tree)}, or the container alone where there is no pod. */
    public String words() {
        String name = container.orElse("");
        if (equals(NODE)) {
            return "the node";
        }
        if (pod.isEmpty()) {
            boolean nameless = name.isEmpty() && containerId.isEmpty();
            return nameless ? "pod " + podUid : "container " + (name.isEmpty() ? containerId : name);
        }
        if (!name.isEmpty()) {
            return namespace + "/" + pod + " (container " + name + ")";
        }
        return namespace + "/" + pod + (containerId.isEmpty() ? " (no container)" : " (sandbox)");
    }
}
