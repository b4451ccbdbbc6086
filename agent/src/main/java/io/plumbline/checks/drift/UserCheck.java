package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.checks.ContainerIds;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Credentials;
import io.plumbline.model.FindingKind;
import io.plumbline.model.IdMap;
import io.plumbline.model.Ids;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * The first process of a container runs as the user that the spec names.
 *
 * <p>Later processes may be others: dropping root is what a server does. A declared root that became somebody else is stricter and no
 * drift.
 */
final class UserCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "user",
            FindingKind.DRIFT,
            "medium",
            "The container's first process does not run as the declared user",
            "The first process of a container has the uid that runAsUser names, translated by the user namespace that the container was given.",
            "Uid of /proc/<pid>/status through /proc/<pid>/uid_map, against runAsUser of container and pod",
            "A program that changes its user at start (setuid, gosu, su-exec) contradicts runAsUser: take it out of the image, or declare the"
                    + " user that it changes to.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        Optional<Long> wanted = container.expected().user().value();
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().user().declared(),
                        List.of(wanted.map(uid -> "uid " + uid).orElse("any uid")))
                .granted(
                        bundle -> List.of("uid " + bundle.user().uid()),
                        bundle -> !wanted.equals(Optional.of(bundle.user().uid())));
        Optional<AttributedProcess> first = container.first().filter(AttributedProcess::settled);
        if (first.isEmpty()) {
            return Optional.of(judgement.conforms());
        }
        AttributedProcess process = first.get();
        Optional<Credentials> credentials = process.process().credentials().observed();
        if (credentials.isEmpty()) {
            if (wanted.isPresent()) {
                judgement.cannotTell(process, process.process().credentials());
            }
            return Optional.of(judgement.conforms());
        }
        Ids uids = credentials.get().uids();
        Reading<IdMap> map = ContainerIds.users(process, container, node);
        Optional<Long> inside = Translation.inside(uids.effective(), map);
        judgement.effective(
                inside.map(uid -> "uid " + uid).orElse("uid " + uids.effective() + " of the host"),
                process,
                "status",
                () -> StatusLine.uid(credentials.get()));
        if (wanted.isEmpty()) {
            return Optional.of(judgement.conforms());
        }
        if (inside.isEmpty()) {
            judgement.cannotTell(process, map);
            return Optional.of(judgement.conforms());
        }
        if (inside.equals(wanted) || wanted.get() == 0) {
            return Optional.of(judgement.conforms());
        }
        judgement.offends(process, "status", StatusLine.uid(credentials.get()));
        return Optional.of(judgement.violates(
                Severity.MEDIUM,
                "the first process of " + container.identity().words() + " runs as uid " + inside.get()
                        + ", declared is " + wanted.get()));
    }
}
