package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.ThreadSnapshot;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * No process in a container's cgroup is in a namespace of the host that the pod does not declare.
 *
 * <p>One class for six checks, because the comparison is one: {@code /proc/<pid>/ns/<kind>} against the host's, see namespaces(7). A thread
 * alone may be there, as setns(2) moves only who calls it. The host's mount namespace is declared by nothing; a process in it is out of its
 * container. So is one that has its root or working directory there, though all its namespaces are as they should be: a descriptor that
 * leaked into the container took it there (CVE-2024-21626).
 */
final class HostNamespaceCheck implements ContainerCheck {

    private final NamespaceType type;
    private final Severity severity;
    private final CheckDescription description;

    HostNamespaceCheck(String id, NamespaceType type, Severity severity, String declaration) {
        this.type = type;
        this.severity = severity;
        this.description = new CheckDescription(
                id,
                FindingKind.DRIFT,
                severity.word(),
                "Process in the host's " + kind() + " namespace, undeclared",
                "No process in a container's cgroup is in the host's " + kind() + " namespace"
                        + (type == NamespaceType.MNT ? ", or has its root or working directory there," : "")
                        + " unless "
                        + declaration + ".",
                "The link /proc/<pid>/ns/" + type.link() + (type.isOfThread() ? " and that of each thread" : "")
                        + (type == NamespaceType.MNT ? ", and the mounts of root and cwd beside both" : "")
                        + ", against the host's own namespace",
                type == NamespaceType.MNT
                        ? "Treat it as a break-out: isolate the node, keep the process for forensics, find how it got there."
                        : "See who put it there: nsenter, a privileged process, the runtime. Delete the pod; declare it if it is meant.");
    }

    private String kind() {
        return switch (type) {
            case MNT -> "mount";
            case NET -> "network";
            default -> type.link();
        };
    }

    @Override
    public CheckDescription description() {
        return description;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Namespace promise = container.expected().namespaces().get(type);
        if (promise == null || promise.scope() == Scope.ANY) {
            return Optional.empty();
        }
        boolean allowed = promise.scope() == Scope.HOST;
        Judgement judgement = new Judgement(
                        description, container, promise.declared(), List.of(allowed ? "the host's" : "its own"))
                .granted(this::granted, bundle -> !bundle.namespaces().containsKey(type));
        Reading<Long> host = node.facts().hostNamespace(type);
        if (host.observed().isEmpty() && !allowed) {
            judgement.cannotTell(
                    "the host's " + kind() + " namespace", host.trouble().orElse("unknown"));
        }
        String file = "ns/" + type.link();
        for (AttributedProcess process : container.settled().toList()) {
            Reading<Long> own = process.process().namespaces().inode(type);
            look(process, file, own, host, allowed, judgement);
            for (ThreadSnapshot thread : process.process().threadsElsewhere(type)) {
                look(process, thread.file(file), thread.namespaces().inode(type), host, allowed, judgement);
            }
            if (!allowed && process.process().threads() instanceof Reading.Unreadable) {
                judgement.cannotTell(process, process.process().threads());
            }
        }
        String how = judgement.isBroken() ? "" : " by root or working directory";
        if (type == NamespaceType.MNT) {
            directories(container, host, judgement);
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                severity, judgement.whoIs() + " in the host's " + kind() + " namespace" + how)
                        : judgement.conforms());
    }

    /** Who has but a foot there can go anywhere else from it. */
    private static void directories(ContainerView container, Reading<Long> host, Judgement judgement) {
        for (AttributedProcess process : container.settled().toList()) {
            for (DirectoryElsewhere directory : process.process().directoriesElsewhere()) {
                if (host.equals(Reading.of(directory.namespace()))) {
                    judgement.effective("the host's, by " + directory.link());
                    judgement.offends(process, directory);
                }
            }
        }
    }

    /** Where one task of a process is. */
    private void look(
            AttributedProcess process,
            String file,
            Reading<Long> own,
            Reading<Long> host,
            boolean allowed,
            Judgement judgement) {
        if (own instanceof Reading.Observed<Long> inode) {
            boolean hosts =
                    host instanceof Reading.Observed<Long> one && one.value().equals(inode.value());
            judgement.effective(
                    hosts ? "the host's" : "its own", process, file, () -> type.link() + ":[" + inode.value() + "]");
            if (hosts && !allowed) {
                judgement.offends(process, file, type.link() + ":[" + inode.value() + "]");
            }
        } else if (own instanceof Reading.Unreadable && !allowed) { // absent: a kernel without this kind
            judgement.cannotTell(process, own);
        }
    }

    private List<String> granted(OciBundle bundle) {
        String path = bundle.namespaces().get(type);
        return List.of(path == null ? "the host's" : path.isEmpty() ? "its own" : path);
    }
}
