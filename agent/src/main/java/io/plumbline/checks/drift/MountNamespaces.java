package io.plumbline.checks.drift;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One process for each mount namespace of a container: their tables are the same for all in it. */
final class MountNamespaces {

    private MountNamespaces() {}

    /**
     * The oldest settled process of each; none for the host's namespace and none for another pod's, which other checks report.
     */
    static List<AttributedProcess> ofContainer(ContainerView container, NodeView node) {
        Optional<Long> host = node.facts().hostNamespace(NamespaceType.MNT).observed();
        Set<Optional<Long>> seen = new HashSet<>();
        List<AttributedProcess> processes = new ArrayList<>();
        for (AttributedProcess process : container.settled().toList()) {
            Optional<Long> inode =
                    process.process().namespaces().inode(NamespaceType.MNT).observed();
            boolean foreign = inode.flatMap(node::ownerOf)
                    .filter(owner -> !ForeignNamespaceCheck.related(owner, container.identity()))
                    .isPresent();
            if (!foreign && (inode.isEmpty() || !inode.equals(host)) && seen.add(inode)) {
                processes.add(process);
            }
        }
        return processes;
    }

    /** Was any of these tables read, and whole? Else nothing may be said of what is not in them. */
    static boolean anyWhole(List<AttributedProcess> processes) {
        return processes.stream()
                .flatMap(process -> process.process().mounts().observed().stream())
                .anyMatch(table -> table.root().equals("/"));
    }

    static Optional<MountTable> table(AttributedProcess process, Judgement judgement, boolean promised) {
        Reading<MountTable> mounts = process.process().mounts();
        if (mounts.observed().isEmpty() && promised) {
            judgement.cannotTell(process, mounts);
        }
        mounts.observed()
                .filter(table -> promised && !table.root().equals("/"))
                .ifPresent(table -> judgement.cannotTell(
                        process.process().file("mountinfo"),
                        "read from a chroot to " + table.root() + ", which hides every mount outside of it"));
        return mounts.observed();
    }
}
