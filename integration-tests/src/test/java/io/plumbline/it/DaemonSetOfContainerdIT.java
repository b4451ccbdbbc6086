package io.plumbline.it;

final class DaemonSetOfContainerdIT extends AgentPods {
    DaemonSetOfContainerdIT() {
        super("containerd");
    }
}
