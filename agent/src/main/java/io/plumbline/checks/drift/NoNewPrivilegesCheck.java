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

/** Where allowPrivilegeEscalation is false, every thread of the container has no_new_privs set, see PR_SET_NO_NEW_PRIVS(2const). */
final class NoNewPrivilegesCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "no-new-privileges",
            FindingKind.DRIFT,
            "high",
            "Process may gain privileges although its container forbids it",
            "Where allowPrivilegeEscalation is false, no_new_privs is 1 on every thread of the container.",
            "NoNewPrivs of /proc/<pid>/status and /proc/<pid>/task/<tid>/status, against allowPrivilegeEscalation",
            "no_new_privs cannot be taken back, so this process came from elsewhere: see who moved or started it there, delete the pod.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        boolean promised = container.expected().noNewPrivileges().value().orElse(false);
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().noNewPrivileges().declared(),
                        List.of(promised ? "1" : "0 or 1"))
                .granted(bundle -> List.of(bundle.noNewPrivileges() ? "1" : "0"), bundle -> !bundle.noNewPrivileges());
        for (AttributedProcess process : container.settled().toList()) {
            for (Tasks task : Tasks.of(process, judgement)) {
                Optional<Boolean> set = task.credentials().noNewPrivileges();
                if (set.isEmpty()) {
                    if (promised) {
                        judgement.cannotTell(process.process().file(task.file()), "this kernel prints no NoNewPrivs");
                    }
                    continue;
                }
                String value = set.get() ? "1" : "0";
                judgement.effective(value, process, task.file(), () -> "NoNewPrivs:\t" + value);
                if (promised && !set.get()) {
                    judgement.offends(process, task.file(), "NoNewPrivs:\t0");
                }
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.HIGH, judgement.who() + " " + judgement.verb("run") + " without no_new_privs")
                        : judgement.conforms());
    }
}
