package io.plumbline.scan;

import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Severity;
import java.util.Map;
import java.util.TreeMap;

/** The container that traps are about: {@code main} of the pod {@code shop/web}, as its runtime makes it when it is told nothing. */
final class RightContainer {
    /** More than it was given. */
    static final CapabilitySet WITH_SYS_TIME =
            Processes.DEFAULT_CAPABILITIES.union(CapabilitySet.of(Capability.SYS_TIME));

    private RightContainer() {}

    /** A pod of one container, which is the runtime's default but for this security context. */
    static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    /** A pod whose container is in this state by the kubelet's word. */
    static Nodes created(String state) {
        return Nodes.node().pods("""
                metadata: {name: web}
                spec: {containers: [{name: main, securityContext: {runAsNonRoot: true}}]}
                status: {containerStatuses: [{name: main, containerID: "containerd://%s", state: {%s: {}}}]}
                """.formatted(Pods.containerId("web", "main"), state));
    }

    static Processes main() {
        return Processes.of(100, "web", "main");
    }

    static Processes shim(int pid) {
        return Processes.ofHost(pid).program("/usr/bin/containerd-shim-runc-v2");
    }

    /** Drift that is found, by check, with its severity. */
    static Map<String, Severity> drift(Nodes node) {
        Map<String, Severity> found = new TreeMap<>();
        node.findings().stream()
                .filter(finding -> finding.kind() == FindingKind.DRIFT)
                .forEach(finding -> found.put(finding.check(), finding.severity()));
        return found;
    }
}
