package io.plumbline.attribution;

import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who is whose parent: tells a process that came by exec into a container from those that the container made itself. */
final class PodTree {

    private final Map<Integer, ProcessSnapshot> byPid = new HashMap<>();

    PodTree(NodeSnapshot snapshot) {
        for (ProcessSnapshot process : snapshot.processes()) {
            byPid.put(process.pid(), process);
        }
    }

    /**
     * Did this process, or an ancestor of it in the container, come from outside after the container's first process? An orphan that
     * was adopted by the pod's pause process did not.
     */
    boolean viaExec(ProcessSnapshot process, Set<Integer> members, Optional<ProcessSnapshot> first) {
        ProcessSnapshot at = process;
        for (int steps = 0; steps <= members.size(); steps++) {
            if (first.isPresent() && at.equals(first.get())) {
                return false;
            }
            ProcessSnapshot parent = byPid.get(at.parent());
            if (parent == null || !members.contains(parent.pid())) {
                return parent == null || !parent.comm().equals("pause");
            }
            at = parent;
        }
        return false;
    }
}
