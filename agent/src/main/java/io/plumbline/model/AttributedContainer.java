package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * A container of the node and the processes in its cgroup.
 *
 * @param declaration what it was declared to be
 * @param granted what the runtime was told
 * @param processes all of them, oldest first, settled or not
 * @param first the one that the runtime started; empty where that cannot be told
 */
public record AttributedContainer(
        ContainerIdentity identity,
        Declaration declaration,
        Reading<OciBundle> granted,
        List<AttributedProcess> processes,
        Optional<AttributedProcess> first) {

    public AttributedContainer {
        processes = List.copyOf(processes);
    }

    /** Where the promise comes from. */
    public sealed interface Declaration {

        /** A container of a pod that the kubelet runs. */
        record OfSpec(DeclaredPod pod, DeclaredContainer container) implements Declaration {}

        /** The sandbox of a pod that the kubelet runs. */
        record OfSandbox(DeclaredPod pod) implements Declaration {}

        /** The kubelet was not asked or does not know it: the bundle is the declaration. */
        record OfBundle(OciBundle bundle) implements Declaration {}

        /** Nothing declares it that could be read. */
        record OfNobody() implements Declaration {}
    }
}
