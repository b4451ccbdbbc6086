package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Where a seccomp profile is declared, or the kubelet gives one by default, every thread of the container has a filter.
 *
 * <p>The kernel shows the mode, not which profile; the number of filters is no evidence, because programs add their own.
 */
final class SeccompCheck implements ContainerCheck {

    private static final int FILTER = 2;

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "seccomp",
            FindingKind.DRIFT,
            "high",
            "Process runs without the declared seccomp filter",
            "Where seccompProfile is RuntimeDefault or Localhost, or the kubelet's seccompDefault is on, Seccomp is 2 on every thread.",
            "Seccomp of /proc/<pid>/status and /proc/<pid>/task/<tid>/status, against seccompProfile of container and pod and the kubelet's"
                    + " /configz",
            "A filter cannot be taken off, so this process came from elsewhere or the runtime never set one: check the runtime's seccomp"
                    + " support, see who started the process, delete the pod.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        boolean promised = container.expected().seccompFilter().value().orElse(false);
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().seccompFilter().declared(),
                        List.of(promised ? "filter" : "any"))
                .granted(bundle -> List.of(bundle.seccomp() ? "filter" : "none"), bundle -> !bundle.seccomp());
        for (AttributedProcess process : container.settled().toList()) {
            for (Tasks task : Tasks.of(process, judgement)) {
                Optional<Integer> mode = task.credentials().seccompMode();
                if (mode.isEmpty()) {
                    if (promised) {
                        judgement.cannotTell(process.process().file(task.file()), "this kernel prints no Seccomp");
                    }
                    continue;
                }
                judgement.effective(words(mode.get()), process, task.file(), () -> "Seccomp:\t" + mode.get());
                if (promised && mode.get() == 0) {
                    judgement.offends(process, task.file(), "Seccomp:\t" + mode.get());
                }
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.HIGH,
                                judgement.who() + " " + judgement.verb("run") + " without a seccomp filter")
                        : judgement.conforms());
    }

    private static String words(int mode) {
        return switch (mode) {
            case 0 -> "none";
            case 1 -> "strict";
            case FILTER -> "filter";
            default -> "mode " + mode;
        };
    }
}
