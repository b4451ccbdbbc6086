package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.ThreadSnapshot;
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
            "No process of a pod, and no thread of one, is in a mount, pid, network, ipc, uts or user namespace that was made for another pod,"
                    + " or has its root or working directory there."
                    + " Only single threads of a container that is privileged or in the host's network, as network plugins have them, may be in"
                    + " other pods' network namespaces.",
            "The links /proc/<pid>/ns/* and those of each thread, and the mounts of root and cwd beside both, against those of every other pod's sandbox and first processes",
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
                String file = "ns/" + type.link();
                Reading<Long> own = process.process().namespaces().inode(type);
                if (own instanceof Reading.Unreadable) {
                    judgement.cannotTell(process, own);
                    continue;
                }
                if (first && own.observed().isPresent()) {
                    judgement.seen(process, file, () -> link(type, own));
                }
                stranger(own, container, node).ifPresent(owner -> {
                    whose.add(owner.words());
                    judgement.offends(process, file, link(type, own));
                });
                for (ThreadSnapshot thread : threads(process, type, container)) {
                    Reading<Long> threads = thread.namespaces().inode(type);
                    stranger(threads, container, node).ifPresent(owner -> {
                        whose.add(owner.words());
                        judgement.offends(process, thread.file(file), link(type, threads));
                    });
                    if (threads instanceof Reading.Unreadable) {
                        judgement.cannotTell(process, threads);
                    }
                }
                for (DirectoryElsewhere directory : directories(process, type)) {
                    stranger(Reading.of(directory.namespace()), container, node).ifPresent(owner -> {
                        whose.add(owner.words());
                        judgement.offends(process, directory);
                    });
                }
            }
        }
        judgement.effective(whose.isEmpty() ? Set.of("own") : whose);
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.CRITICAL, judgement.whoIs() + " in namespaces of " + String.join(", ", whose))
                        : judgement.conforms());
    }

    /** Whose this namespace is, if not of the container's own pod. */
    static Optional<ContainerIdentity> stranger(Reading<Long> own, ContainerView container, NodeView node) {
        return own instanceof Reading.Observed<Long> inode
                ? node.ownerOf(inode.value()).filter(owner -> !related(owner, container.identity()))
                : Optional.empty();
    }

    private static List<DirectoryElsewhere> directories(AttributedProcess process, NamespaceType type) {
        return type == NamespaceType.MNT ? process.process().directoriesElsewhere() : List.of();
    }

    /**
     * The threads that are not where their process is. Network plugins send a thread into each pod's network namespace: who was given the
     * node's network, or the whole node, may do that.
     */
    private static List<ThreadSnapshot> threads(
            AttributedProcess process, NamespaceType type, ContainerView container) {
        return type == NamespaceType.NET && servesTheNode(container)
                ? List.of()
                : process.process().threadsElsewhere(type);
    }

    private static boolean servesTheNode(ContainerView container) {
        Namespace network = container.expected().namespaces().get(NamespaceType.NET);
        return (network != null && network.scope() == Scope.HOST)
                || container
                        .container()
                        .flatMap(spec -> spec.security().privileged())
                        .orElse(false);
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
