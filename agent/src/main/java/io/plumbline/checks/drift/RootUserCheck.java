package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Ids;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Where runAsNonRoot is promised no process, ever, has a user id that is the host's root.
 *
 * <p>All four ids of every thread, see credentials(7), as the host sees them: uid 0 in a user namespace of its own is not the host's.
 */
final class RootUserCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "root-user",
            FindingKind.DRIFT,
            "high",
            "Root runs in a container that promises not to run as root",
            "Where runAsNonRoot is true, no process of the container has a real, effective, saved or file system uid that maps to the host's 0.",
            "Uid of /proc/<pid>/status and of each thread, against runAsNonRoot of container and pod; the kubelet itself looks at the first"
                    + " process only",
            "See who started it: kubectl exec as root through the runtime, a setuid program (set allowPrivilegeEscalation: false), or a"
                    + " capability (drop ALL).");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        boolean promised = container.expected().nonRoot().value().orElse(false);
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().nonRoot().declared(),
                        promised ? List.of("no uid 0") : List.of("any uid"))
                .granted(
                        bundle -> List.of("uid " + bundle.user().uid()),
                        bundle -> bundle.user().uid() == 0 && !bundle.uidMapped());
        for (AttributedProcess process : container.settled().toList()) {
            for (Tasks task : Tasks.of(process, judgement)) {
                Ids uids = task.credentials().uids();
                judgement.effective(
                        "uid " + uids.effective(), process, task.file(), () -> StatusLine.uid(task.credentials()));
                if (promised && uids.any(0)) {
                    judgement.offends(process, task.file(), StatusLine.uid(task.credentials()));
                }
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(Severity.HIGH, judgement.who() + " " + judgement.verb("run") + " as root")
                        : judgement.conforms());
    }
}
