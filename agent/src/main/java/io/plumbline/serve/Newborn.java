package io.plumbline.serve;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NodeView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who was too young for a scan to judge. Who was born before the agent heard anything is told of by no event: without a look of his own he
 * would be too young until the next scan.
 */
final class Newborn {

    private Newborn() {}

    /** Their process ids. Asked by every scan of every process. */
    static Set<Integer> of(NodeView node) {
        Set<Integer> pids = new HashSet<>();
        for (ContainerView container : node.containers()) {
            add(container.processes(), node, pids);
        }
        add(node.others(), node, pids);
        return pids;
    }

    private static void add(List<AttributedProcess> processes, NodeView node, Set<Integer> pids) {
        for (AttributedProcess process : processes) {
            if (!process.settled() && isJudged(process) && isYoung(process, node)) {
                pids.add(process.process().pid());
            }
        }
    }

    /** The agent, kernel threads and the like never settle. */
    private static boolean isJudged(AttributedProcess process) {
        return !(process.attribution() instanceof Attribution.OfHost host) || host.kind() == HostKind.PROCESS;
    }

    private static boolean isYoung(AttributedProcess process, NodeView node) {
        return node.facts()
                .ageOf(process.process().key())
                .filter(age -> age.compareTo(Changes.RIPE) < 0)
                .isPresent();
    }
}
