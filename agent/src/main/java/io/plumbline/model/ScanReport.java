package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * All that one scan says.
 *
 * @param declared the kubelet's answer; empty where none was asked
 * @param containers the plumb table of every container, sorted by name
 * @param findings worst first
 */
public record ScanReport(
        NodeView node,
        String nodeName,
        Optional<DeclaredNode> declared,
        RuntimeInventory inventory,
        List<ContainerReport> containers,
        List<Finding> findings) {

    public ScanReport {
        containers = List.copyOf(containers);
        findings = List.copyOf(findings);
    }

    /** One container and what every check says of it. */
    public record ContainerReport(ContainerView view, List<Verdict> verdicts) {
        public ContainerReport {
            verdicts = List.copyOf(verdicts);
        }
    }
}
