package io.plumbline.checks.inert;

import io.plumbline.checks.NetworkPlugins;
import io.plumbline.model.NodeView;
import java.util.Optional;

/** Whether the node enforces network policies: asked of all of its processes, so once for all containers, and only if it matters. */
final class PolicyEnforcement {

    private final NodeView node;
    private boolean asked;
    private Optional<String> lacking = Optional.empty();

    PolicyEnforcement(NodeView node) {
        this.node = node;
    }

    /** Why it does not; empty where something may, or nobody knows. */
    Optional<String> lacking() {
        if (!asked) {
            asked = true;
            lacking = NetworkPlugins.unenforcing(node);
        }
        return lacking;
    }
}
