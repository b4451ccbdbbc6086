package io.plumbline.model;

import io.plumbline.model.AttributedContainer.Declaration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One container of the node with all that is known of it: the subject that checks judge.
 *
 * @param attributed who it is, and its processes
 * @param expected what the kernel should show
 */
public record ContainerView(AttributedContainer attributed, Expected expected) {

    public ContainerIdentity identity() {
        return attributed.identity();
    }

    public Declaration declaration() {
        return attributed.declaration();
    }

    public Reading<OciBundle> granted() {
        return attributed.granted();
    }

    public List<AttributedProcess> processes() {
        return attributed.processes();
    }

    /** The process that the runtime started, where that can be told. */
    public Optional<AttributedProcess> first() {
        return attributed.first();
    }

    /** The pod, where the kubelet knows one. */
    public Optional<DeclaredPod> pod() {
        if (declaration() instanceof Declaration.OfSpec spec) {
            return Optional.of(spec.pod());
        }
        return declaration() instanceof Declaration.OfSandbox sandbox ? Optional.of(sandbox.pod()) : Optional.empty();
    }

    /** The container of the pod, where the kubelet knows one. */
    public Optional<DeclaredContainer> container() {
        return declaration() instanceof Declaration.OfSpec spec ? Optional.of(spec.container()) : Optional.empty();
    }

    public boolean isSandbox() {
        return declaration() instanceof Declaration.OfSandbox;
    }

    /** The processes whose values say what holds. */
    public Stream<AttributedProcess> settled() {
        return processes().stream().filter(AttributedProcess::settled);
    }

    /** Is there one? Not while the runtime makes the container, when it has just begun, and where all of it have ended. */
    public boolean hasSettled() {
        return processes().stream().anyMatch(AttributedProcess::settled);
    }
}
