package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.ThreadSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Nobody from outside of a pod's cgroup is in its mount, pid or network namespace, but the runtime, the kubelet and the network plugin.
 *
 * <p>The pod's namespaces make it look like one of the container's processes, while no limit of the container's cgroup holds it.
 */
final class IntruderCheck implements NodeWideCheck {

    /** The most telling one first: a network namespace is the whole pod's. */
    private static final List<NamespaceType> TYPES = List.of(NamespaceType.MNT, NamespaceType.PID, NamespaceType.NET);

    private static final Set<String> PROGRAMS = Set.of(
            "kubelet",
            "containerd",
            "dockerd",
            "crio",
            "cri-dockerd",
            "k3s",
            "k3s-server",
            "k3s-agent",
            "rke2",
            "hyperkube",
            "runc",
            "crun",
            "youki",
            "conmon",
            "conmonrs",
            "buildkitd",
            "netavark",
            "aardvark-dns",
            "rootlessport");

    /** These start socat in a pod's network for each {@code kubectl port-forward}; containerd forwards by itself. */
    private static final Set<String> FORWARD_BY_SOCAT = Set.of("kubelet", "hyperkube", "cri-dockerd", "crio");

    /** Where a node's own programs lie; a look-alike in a world-writable place is none of them. */
    private static final List<String> DIRECTORIES = List.of(
            "/usr/",
            "/bin/",
            "/sbin/",
            "/opt/",
            "/var/lib/rancher/",
            "/snap/",
            "/nix/store/",
            "/home/kubernetes/",
            "/var/lib/k0s/",
            "/x86_64-bottlerocket-linux-gnu/",
            "/aarch64-bottlerocket-linux-gnu/");

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "intruder",
            FindingKind.DRIFT,
            "high",
            "Process from outside is in the container's namespaces",
            "No process outside of a pod's cgroup is in its mount, pid or network namespace, except the runtime's, the kubelet's and the"
                    + " network plugin's.",
            "The links /proc/<pid>/ns/{mnt,pid,net} of processes whose /proc/<pid>/cgroup names no pod, and of their threads",
            "Usually somebody debugs with nsenter: use kubectl debug instead, so that it is declared. Else find who started it.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        Map<ContainerIdentity, Judgement> judgements = new LinkedHashMap<>();
        for (AttributedProcess process : node.others()) {
            // Who sits in some pod's cgroup is orphan-process's business.
            if (process.attribution() instanceof Attribution.OfHost
                    && process.settled()
                    && isInside(process, node)
                    && !isInfrastructure(process, node)) {
                intrusion(process, node, judgements);
            }
        }
        if (node.kubeletAsked()) {
            node.containers().stream()
                    .filter(IntruderCheck::isOutsideOfPods)
                    .flatMap(container -> container.settled().filter(process -> joined(container, process, node)))
                    .forEach(process -> intrusion(process, node, judgements));
        }
        List<Judged> judged = new ArrayList<>();
        judgements.forEach((container, judgement) -> judged.add(new Judged(
                container,
                judgement.violates(
                        Severity.HIGH,
                        judgement.offenders().size()
                                + (judgement.offenders().size() == 1
                                        ? " process that is not in the cgroup of "
                                        : " processes that are not in the cgroup of ")
                                + container.words()
                                + (judgement.offenders().size() == 1 ? " is" : " are")
                                + " in its namespaces"))));
        return judged;
    }

    private static boolean isOutsideOfPods(ContainerView container) {
        return container.declaration() instanceof Declaration.OfBundle
                || container.declaration() instanceof Declaration.OfNobody;
    }

    /** Is this process of a container that no pod has in a namespace of somebody else's? */
    private static boolean joined(ContainerView container, AttributedProcess process, NodeView node) {
        return TYPES.stream()
                .filter(type -> ForeignNamespaceCheck.mayJoin(container, type))
                .flatMap(type -> process.process().namespaces().inode(type).observed().stream())
                .flatMap(inode -> node.ownerOf(inode).stream())
                .anyMatch(owner ->
                        !owner.podUid().isEmpty() && !ForeignNamespaceCheck.related(owner, container.identity()));
    }

    private static void intrusion(
            AttributedProcess process, NodeView node, Map<ContainerIdentity, Judgement> judgements) {
        Optional<ContainerView> home = Optional.empty();
        for (Joined joined : joined(process)) {
            Optional<ContainerIdentity> owner = node.ownerOf(joined.inode());
            if (owner.isEmpty() || isOf(process, owner.get())) {
                continue;
            }
            if (home.isEmpty()) {
                home = home(owner.get(), node);
            }
            if (home.isPresent()) {
                Judgement judgement = judgements.computeIfAbsent(home.get().identity(), key -> judgement(node, key));
                String kind = joined.type().link();
                judgement.offends(process, joined.file(), kind + ":[" + joined.inode() + "]");
                judgement.effective(kind + " namespace shared from outside");
            }
        }
    }

    /** A namespace that a process, or a thread of it alone, is in. */
    private record Joined(NamespaceType type, String file, long inode) {}

    private static List<Joined> joined(AttributedProcess process) {
        List<Joined> all = new ArrayList<>();
        for (NamespaceType type : TYPES) {
            String file = "ns/" + type.link();
            if (process.process().namespaces().inode(type) instanceof Reading.Observed<Long> inode) {
                all.add(new Joined(type, file, inode.value()));
            }
            for (ThreadSnapshot thread : process.process().threadsElsewhere(type)) {
                if (thread.namespaces().inode(type) instanceof Reading.Observed<Long> inode) {
                    all.add(new Joined(type, thread.file(file), inode.value()));
                }
            }
        }
        return all;
    }

    /** In a namespace of some container; asked of every process of the host, and true of next to none. */
    private static boolean isInside(AttributedProcess process, NodeView node) {
        for (int i = 0; i < TYPES.size(); i++) {
            if (process.process().namespaces().inode(TYPES.get(i)) instanceof Reading.Observed<Long> inode
                    && node.namespaceOwners().containsKey(inode.value())) {
                return true;
            }
        }
        // Next to none has a thread that is not as its leader, either.
        return !process.process().threads().observed().orElse(List.of()).isEmpty()
                && joined(process).stream()
                        .anyMatch(joined -> node.namespaceOwners().containsKey(joined.inode()));
    }

    private static boolean isOf(AttributedProcess process, ContainerIdentity owner) {
        return process.attribution() instanceof Attribution.OfContainer own
                && own.container().equals(owner);
    }

    private static Judgement judgement(NodeView node, ContainerIdentity container) {
        ContainerView view = node.containers().stream()
                .filter(candidate -> candidate.identity().equals(container))
                .findFirst()
                .orElseThrow();
        return new Judgement(DESCRIPTION, view, "one container", List.of("none from outside"));
    }

    /** The container that owns the namespace; for a sandbox's, which are the pod's, the pod's first container by name. */
    private static Optional<ContainerView> home(ContainerIdentity owner, NodeView node) {
        return node.containers().stream()
                .filter(view ->
                        view.identity().equals(owner) && owner.container().isPresent())
                .findFirst()
                .or(() -> node.containers().stream()
                        .filter(view -> view.identity().container().isPresent()
                                && ForeignNamespaceCheck.related(view.identity(), owner))
                        .findFirst())
                .or(() -> node.containers().stream()
                        .filter(view -> view.identity().equals(owner))
                        .findFirst());
    }

    private static boolean isInfrastructure(AttributedProcess process, NodeView node) {
        Optional<String> program = nodesProgram(process, node);
        return program.filter(path -> isInfrastructure(path, nameOf(path))).isPresent()
                || (program.filter(path -> nameOf(path).equals("socat")).isPresent() && isForwarding(process, node));
    }

    private static boolean isInfrastructure(String path, String name) {
        return PROGRAMS.contains(name)
                || name.startsWith("containerd-shim")
                || path.startsWith("/opt/cni/bin/")
                || path.contains("/cni/");
    }

    private static boolean isForwarding(AttributedProcess process, NodeView node) {
        return node.others().stream()
                .filter(other -> other.process().pid() == process.process().parent()
                        && other.attribution() instanceof Attribution.OfHost)
                .flatMap(parent -> nodesProgram(parent, node).stream())
                .anyMatch(path -> FORWARD_BY_SOCAT.contains(nameOf(path)));
    }

    /** The path of the node's own program that a process runs; empty if it is not known to be one. */
    private static Optional<String> nodesProgram(AttributedProcess process, NodeView node) {
        return process.process()
                .executable()
                .observed()
                .filter(link -> !isContainersFile(process, node))
                .map(link ->
                        link.endsWith(" (deleted)") ? link.substring(0, link.length() - " (deleted)".length()) : link)
                .filter(path -> DIRECTORIES.stream().anyMatch(path::startsWith));
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Whatever its name: what a container's mount namespace shows of its image or of a volume is none of the node's own programs. */
    private static boolean isContainersFile(AttributedProcess process, NodeView node) {
        return process.process()
                        .namespaces()
                        .inode(NamespaceType.MNT)
                        .observed()
                        .flatMap(node::ownerOf)
                        .isPresent()
                && process.process()
                        .executableOrigin()
                        .observed()
                        .filter(origin -> origin.kind() != ExecutableOrigin.Kind.MEMFD
                                && origin.kind() != ExecutableOrigin.Kind.HOST
                                && origin.kind() != ExecutableOrigin.Kind.DELETED)
                        .isPresent();
    }
}
