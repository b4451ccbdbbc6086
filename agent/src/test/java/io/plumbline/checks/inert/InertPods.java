package io.plumbline.checks.inert;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import java.util.List;

/** Pods, their processes, and what is inert of them. */
final class InertPods {

    private InertPods() {}

    static String pod(String podFields, String containerFields) {
        return """
                metadata: {name: web}
                spec:
                  %s
                  containers:
                  - name: main
                    %s
                """.formatted(podFields, containerFields);
    }

    static String security(String fields) {
        return pod("nodeName: node1", "securityContext: {" + fields + "}");
    }

    static Processes process() {
        return Processes.of(100, "web", "main");
    }

    static Processes privileged() {
        return process().capabilities(Processes.ALL_CAPABILITIES).seccomp(0).label("unconfined");
    }

    static List<String> causes(Nodes node) {
        return node.findings().stream()
                .filter(finding -> finding.check().equals("inert-declaration"))
                .flatMap(finding -> finding.effective().stream())
                .toList();
    }
}
