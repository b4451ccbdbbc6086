package io.plumbline.it;

final class DaemonSetIT extends AgentPods {
    DaemonSetIT() {
        super("runc");
    }
}
