package io.plumbline.checks.inert;

import io.plumbline.checks.NetworkPlugins;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ClusterFacts.NetworkPolicy;
import io.plumbline.model.NodeConfiguration.CniNetwork;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Optional;

/**
 * All of a node that the rules are shown beside the container.
 *
 * @param facts as they last
 * @param unenforced why the node enforces no network policies; empty where something may, where nobody knows, and where there are none
 */
record Circumstances(NodeFacts facts, ClusterFacts cluster, Reading<CniNetwork> cni, Optional<String> unenforced) {

    static Circumstances of(NodeView node) {
        List<NetworkPolicy> policies =
                node.cluster().networkPolicies().observed().orElse(List.of());
        return new Circumstances(
                node.facts().lasting(),
                node.cluster(),
                node.configuration().cni(),
                // Asked of all processes: once, and only if it matters.
                policies.isEmpty() ? Optional.empty() : NetworkPlugins.unenforcing(node));
    }
}
