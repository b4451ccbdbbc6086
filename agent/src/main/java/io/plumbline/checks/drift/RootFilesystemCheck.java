package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Where readOnlyRootFilesystem is true, every mount at {@code /} is read-only in every mount namespace of the container: of several each is
 * the root of somebody, of those who were there before or of those who came after.
 *
 * <p>Field 6 of the mountinfo line counts: an overlay's own options say {@code rw} even where the mount is read-only. Who is in the
 * host's mount namespace is the business of {@code host-mount}. A root that was made in the container, for a sandbox or for a container in
 * it, is not the container's.
 */
final class RootFilesystemCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "root-filesystem",
            FindingKind.DRIFT,
            "high",
            "Root file system is writable although the container declares it read-only",
            "Where readOnlyRootFilesystem is true, every mount at / that a process of the container sees is read-only.",
            "The line of / in /proc/<pid>/mountinfo, field 6, against readOnlyRootFilesystem",
            "Somebody remounted it, which takes SYS_ADMIN in the container or root on the node: find who, delete the pod.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        boolean promised = container.expected().readOnlyRoot().value().orElse(false);
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().readOnlyRoot().declared(),
                        List.of(promised ? "read-only" : "any"))
                .granted(
                        bundle -> List.of(bundle.readOnlyRoot() ? "read-only" : "writable"),
                        bundle -> !bundle.readOnlyRoot());
        for (AttributedProcess process : MountNamespaces.ofContainer(container, node)) {
            List<Mount> roots = MountNamespaces.table(process, judgement, promised)
                    .map(MountTable::roots)
                    .orElse(List.of());
            for (Mount root : roots) {
                if (promised && isOwnMaking(root, process, container, node, judgement)) {
                    continue;
                }
                judgement.effective(root.isReadOnly() ? "read-only" : "writable", process, "mountinfo", root::line);
                if (promised && !root.isReadOnly()) {
                    judgement.offends(process, "mountinfo", root.line());
                }
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.HIGH, container.identity().words() + " can write to its root file system")
                        : judgement.conforms());
    }

    /**
     * A root that was made for the process where that takes no right, in a user namespace of its own, or for a container in the container,
     * which has a pid namespace of its own: another file system than the container's root, which stays read-only, and none of the node's.
     */
    private static boolean isOwnMaking(
            Mount root, AttributedProcess process, ContainerView container, NodeView node, Judgement judgement) {
        Optional<Mount> containers = container
                .first()
                .flatMap(first -> first.process().mounts().observed())
                .flatMap(table -> table.at("/"));
        Optional<MountTable> host = node.facts().hostMounts().observed();
        return !root.isReadOnly()
                && containers.isPresent()
                && !containers.get().device().equals(root.device())
                && host.isPresent()
                && new HostFiles(node.facts()).originOf(root).isEmpty()
                && (isInOwnPids(process, container)
                        || UserNamespaces.of(process, container, node, judgement) == UserNamespaces.Place.NESTED);
    }

    private static boolean isInOwnPids(AttributedProcess process, ContainerView container) {
        Optional<Long> own =
                process.process().namespaces().inode(NamespaceType.PID).observed();
        Optional<Long> containers = container
                .first()
                .flatMap(first ->
                        first.process().namespaces().inode(NamespaceType.PID).observed());
        return own.isPresent() && containers.isPresent() && !own.equals(containers);
    }
}
