package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Says which processes live in a user namespace of their own making: their capabilities hold inside of it only.
 *
 * <p>Browsers, bubblewrap and rootless builders do this. It is information: it widens the part of the kernel that can be attacked.
 */
final class NestedUserNamespaceCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "nested-user-namespace",
            FindingKind.DRIFT,
            "info",
            "Process is in a user namespace that the container made",
            "No process of a container is in a user namespace below the one that it was given.",
            "The link /proc/<pid>/ns/user, against the host's or the pod's own",
            "If nothing in the container needs it, seccompProfile RuntimeDefault or user.max_user_namespaces=0 on the node prevent it.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox() || !container.expected().namespaces().containsKey(NamespaceType.USER)) {
            return Optional.empty(); // what nothing declares may have been given any
        }
        Judgement judgement = new Judgement(DESCRIPTION, container, "one user namespace", List.of("no other"));
        for (AttributedProcess process : container.settled().toList()) {
            if (UserNamespaces.of(process, container, node, judgement) == UserNamespaces.Place.NESTED) {
                long inode = process.process()
                        .namespaces()
                        .inode(NamespaceType.USER)
                        .observed()
                        .orElse(0L);
                judgement.effective("user:[" + inode + "]");
                judgement.offends(process, "ns/user", "user:[" + inode + "]");
            }
        }
        if (!judgement.isBroken()) {
            judgement.effective("no other");
            container
                    .first()
                    .ifPresent(first -> first.process()
                            .namespaces()
                            .inode(NamespaceType.USER)
                            .observed()
                            .ifPresent(inode -> judgement.seen(first, "ns/user", () -> "user:[" + inode + "]")));
            return Optional.of(judgement.conforms());
        }
        return Optional.of(judgement.violates(
                Severity.INFO,
                judgement.who() + " " + judgement.verb("live") + " in a user namespace that the container made"));
    }
}
