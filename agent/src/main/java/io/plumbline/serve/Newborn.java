package io.plumbline.serve;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.NodeView;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who was too young for a scan to judge. Who was born before the agent heard anything is told of by no event: without a look of his own he
 * would be too young until the next scan.
 */
final class Newborn {

    private Newborn() {}

    /** Their process ids. */
    static Set<Integer> of(NodeView node) {
        return Stream.concat(
                        node.containers().stream().flatMap(container -> container.processes().stream()),
                        node.others().stream())
                .filter(process -> !process.settled() && isJudged(process) && isYoung(process, node))
                .map(process -> process.process().pid())
                .collect(Collectors.toUnmodifiableSet());
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
