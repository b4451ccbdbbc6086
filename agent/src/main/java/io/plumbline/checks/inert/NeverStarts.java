package io.plumbline.checks.inert;

import io.plumbline.model.Cause;
import io.plumbline.model.Evidence;
import java.util.List;
import java.util.Optional;

/**
 * {@code runAsNonRoot: true} beside {@code runAsUser: 0}. The kubelet refuses to start it: {@code CreateContainerConfigError}
 * (pkg/kubelet/kuberuntime/security_context.go).
 */
final class NeverStarts implements InertRule {

    private static final String REFUSED = "CreateContainerConfigError";

    @Override
    public Optional<Inert> judge(Subject subject) {
        boolean promised = subject.security()
                .runAsNonRoot()
                .or(() -> subject.pod().security().runAsNonRoot())
                .orElse(false);
        Optional<Long> user =
                subject.security().runAsUser().or(() -> subject.pod().security().runAsUser());
        boolean refused = subject.container()
                .status()
                .filter(status -> status.state().equals("waiting"))
                .flatMap(status -> status.reason())
                .filter(REFUSED::equals)
                .isPresent();
        boolean asRoot = user.filter(uid -> uid == 0).isPresent();
        if (!promised || !asRoot || !subject.processes().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.NEVER_STARTS,
                "runAsNonRoot: true, runAsUser: 0",
                "the kubelet does not start a container that is to be root and not root",
                "Set runAsUser to another user than 0, or take runAsNonRoot out",
                refused
                        ? List.of(new Evidence(
                                "status.containerStatuses["
                                        + subject.container().name() + "].state.waiting",
                                REFUSED))
                        : List.of()));
    }
}
