package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** No process of one pod is in a namespace that was made for another pod. */
final class ForeignNamespaceCheck implements ContainerCheck {

    private static final List<NamespaceType> TYPES = List.of(
            NamespaceType.MNT,
            NamespaceType.PID,
            NamespaceType.NET,
            NamespaceType.IPC,
            NamespaceType.UTS,
            NamespaceType.USER);

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "foreign-namespace",
            FindingKind.DRIFT,
            "critical",
            "Process of one pod in another pod's namespace",
            "No process of a pod is in a mount, pid, network, ipc, uts or user namespace that was made for another pod.",
            "The links /proc/<pid>/ns/*, against those of every other pod's sandbox and first processes",
            "Treat it as a break-out: isolate the node, keep the process for forensics, find how it got there.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Judgement judgement = new Judgement(DESCRIPTION, container, "one pod", List.of("own pod's or the host's"));
        List<NamespaceType> promised =
                TYPES.stream().filter(type -> !mayJoin(container, type)).toList();
        Set<String> whose = new TreeSet<>();
        for (AttributedProcess process : container.settled().toList()) {
            boolean first = whose.isEmpty() && process.equals(container.first().orElse(null));
            for (NamespaceType type : promised) {
                Reading<Long> own = process.process().namespaces().inode(type);
                if (own instanceof Reading.Unreadable) {
                    judgement.cannotTell(process, own);
                    continue;
                }
                if (first && own.observed().isPresent()) {
                    judgement.seen(process, "ns/" + type.link(), () -> link(type, own));
                }
                Optional<ContainerIdentity> owner =
                        own instanceof Reading.Observed<Long> inode ? node.ownerOf(inode.value()) : Optional.empty();
                if (owner.isPresent() && !related(owner.get(), container.identity())) {
                    whose.add(owner.get().words());
                    judgement.offends(process, "ns/" + type.link(), link(type, own));
                }
            }
        }
        judgement.effective(whose.isEmpty() ? Set.of("own") : whose);
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.CRITICAL,
                                judgement.who() + " " + (judgement.offenders().size() == 1 ? "is" : "are")
                                        + " in namespaces of " + String.join(", ", whose))
                        : judgement.conforms());
    }

    private static String link(NamespaceType type, Reading<Long> inode) {
        return type.link() + ":[" + inode.observed().orElse(0L) + "]";
    }

    /** Outside of Kubernetes a container may be told to join another's. */
    static boolean mayJoin(ContainerView container, NamespaceType type) {
        Namespace promise = container.expected().namespaces().get(type);
        return promise == null || promise.scope() == Scope.ANY;
    }

    static boolean related(ContainerIdentity one, ContainerIdentity other) {
        return (one.podUid().isEmpty() || other.podUid().isEmpty())
                ? one.containerId().equals(other.containerId())
                : one.podUid().equals(other.podUid());
    }
}
