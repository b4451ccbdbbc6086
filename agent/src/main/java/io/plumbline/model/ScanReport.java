package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * All that one scan says.
 *
 * @param declared the kubelet's answer; empty where none was asked
 * @param containers the plumb table of every container, sorted by name
 * @param findings worst first
 * @param unseen processes that are there and that this reader could not look at, and {@code /proc} itself where it hides some
 */
public record ScanReport(
        NodeView node,
        String nodeName,
        Optional<DeclaredNode> declared,
        RuntimeInventory inventory,
        List<ContainerReport> containers,
        List<Finding> findings,
        List<Reading.Unreadable<ProcessKey>> unseen) {

    public ScanReport {
        containers = List.copyOf(containers);
        findings = List.copyOf(findings);
        unseen = List.copyOf(unseen);
    }

    /** One container and what every check says of it. */
    public record ContainerReport(ContainerView view, List<Verdict> verdicts) {
        public ContainerReport {
            verdicts = List.copyOf(verdicts);
        }
    }
}
