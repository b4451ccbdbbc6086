package io.plumbline.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that one scan says.
 *
 * @param declared the kubelet's answer; empty where none was asked
 * @param containers the plumb table of every container, sorted by name
 * @param findings worst first
 * @param ofNode what is said of the node itself
 * @param unseen processes that are there and that this reader could not look at, and {@code /proc} itself where it hides some
 * @param announced findings, by id, about a process of whom the kernel itself told, with the time of its last event: what they say needs
 *     no second look
 */
public record ScanReport(
        NodeView node,
        String nodeName,
        Optional<DeclaredNode> declared,
        RuntimeInventory inventory,
        List<ContainerReport> containers,
        List<Finding> findings,
        List<Verdict> ofNode,
        List<Reading.Unreadable<ProcessKey>> unseen,
        Map<String, Instant> announced) {

    /** A report that says nothing of the node itself, and of which nothing was announced. */
    public ScanReport(
            NodeView node,
            String nodeName,
            Optional<DeclaredNode> declared,
            RuntimeInventory inventory,
            List<ContainerReport> containers,
            List<Finding> findings,
            List<Reading.Unreadable<ProcessKey>> unseen) {
        this(node, nodeName, declared, inventory, containers, findings, List.of(), unseen, Map.of());
    }

    /** The same with other findings. */
    public ScanReport withFindings(List<Finding> others) {
        return new ScanReport(node, nodeName, declared, inventory, containers, others, ofNode, unseen, announced);
    }

    /** The UIDs of the pods in whose containers there are processes. */
    public Set<String> podsThatRun() {
        return containers.stream()
                .map(ContainerReport::view)
                .filter(container -> !container.processes().isEmpty())
                .map(container -> container.identity().podUid())
                .collect(Collectors.toUnmodifiableSet());
    }

    public ScanReport {
        containers = List.copyOf(containers);
        findings = FindingsAt.copyOf(findings);
        ofNode = List.copyOf(ofNode);
        unseen = List.copyOf(unseen);
        announced = ImmutableMap.copyOf(announced);
    }

    /**
     * One container and what every check says of it.
     *
     * @param verdicts its plumb table: declared against effective, attribute by attribute
     * @param beside what else is said of it: policy, and declarations without effect
     */
    public record ContainerReport(ContainerView view, List<Verdict> verdicts, List<Verdict> beside) {
        public ContainerReport {
            verdicts = List.copyOf(verdicts);
            beside = List.copyOf(beside);
        }

        /** A container of which nothing but its plumb table is known. */
        public ContainerReport(ContainerView view, List<Verdict> verdicts) {
            this(view, verdicts, List.of());
        }

        /** All that is said of it. */
        public List<Verdict> all() {
            return Stream.concat(verdicts.stream(), beside.stream()).toList();
        }
    }
}
