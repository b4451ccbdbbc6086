package io.plumbline.http;

import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingChange;
import io.plumbline.model.NodeView;
import io.plumbline.model.ScanReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a caller sees: everything, or what belongs to some namespaces and nothing else. Of the node's own processes and of what could
 * not be attributed the latter hears nothing.
 *
 * @param namespaces empty where there is no bound
 */
record Scope(Optional<Set<String>> namespaces) {

    static final Scope EVERYTHING = new Scope(Optional.empty());

    static Scope of(Set<String> namespaces) {
        return new Scope(Optional.of(Set.copyOf(namespaces)));
    }

    boolean sees(ContainerIdentity container) {
        return namespaces.map(some -> some.contains(container.namespace())).orElse(true);
    }

    List<FindingChange> of(List<FindingChange> changes) {
        return namespaces.isEmpty()
                ? changes
                : changes.stream().filter(change -> sees(change.container())).toList();
    }

    AgentState of(AgentState state) {
        if (namespaces.isEmpty()) {
            return state;
        }
        return new AgentState(
                state.startedAt(),
                state.interval(),
                state.attempted(),
                state.last().map(this::of),
                state.scanTrouble(),
                state.declared(),
                state.memory());
    }

    private LastScan of(LastScan last) {
        ScanReport all = last.report();
        NodeView node = all.node();
        return new LastScan(
                new ScanReport(
                        new NodeView(
                                node.facts(),
                                node.containers().stream()
                                        .filter(container -> sees(container.identity()))
                                        .toList(),
                                List.of(),
                                Map.of(),
                                Map.of(),
                                node.declared()),
                        all.nodeName(),
                        all.declared(),
                        all.inventory(),
                        all.containers().stream()
                                .filter(container -> sees(container.view().identity()))
                                .toList(),
                        all.findings().stream()
                                .filter(finding -> sees(finding.container()))
                                .toList(),
                        List.of()),
                last.ended(),
                last.took(),
                last.pending());
    }
}
