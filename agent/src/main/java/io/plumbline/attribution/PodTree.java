package io.plumbline.attribution;

import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import java.util.Optional;
import java.util.Set;

/** Who is whose parent: tells a process that came by exec into a container from those that the container made itself. */
final class PodTree {

    private final NodeSnapshot snapshot;
    private final Set<Integer> sandboxes;
    private final Optional<Long> hostPids;

    /** @param sandboxes pids of the processes of all pods' sandboxes */
    PodTree(NodeSnapshot snapshot, Set<Integer> sandboxes) {
        this.snapshot = snapshot;
        this.sandboxes = Set.copyOf(sandboxes);
        this.hostPids = snapshot.facts().hostNamespace(NamespaceType.PID).observed();
    }

    /**
     * Did this process, or an ancestor of it in the container, come from outside after the container's first process?
     *
     * <p>An orphan that was adopted by the pod's sandbox did not. In the host's pid namespace orphans and processes that came by exec have
     * the same parent, so there nobody is said to have come.
     *
     * @param members pids of the container's processes
     */
    boolean viaExec(ProcessSnapshot process, Set<Integer> members, Optional<ProcessSnapshot> first) {
        if (first.flatMap(f -> f.namespaces().inode(NamespaceType.PID).observed())
                .filter(inode -> hostPids.filter(inode::equals).isPresent())
                .isPresent()) {
            return false;
        }
        ProcessSnapshot at = process;
        for (int steps = 0; steps <= members.size(); steps++) {
            if (first.isPresent() && at.key().equals(first.get().key())) {
                return false;
            }
            Optional<ProcessSnapshot> parent = snapshot.process(at.parent());
            if (parent.isEmpty() || !members.contains(parent.get().pid())) {
                return parent.isEmpty() || !sandboxes.contains(parent.get().pid());
            }
            at = parent.get();
        }
        return false;
    }
}
