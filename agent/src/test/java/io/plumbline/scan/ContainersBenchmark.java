package io.plumbline.scan;

import io.plumbline.CapturedScan;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.expectation.Expectation;
import io.plumbline.expectation.RuntimeDefaults;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NodeView;
import io.plumbline.model.PolicySet;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One container of the captured node of Kubernetes, each of them in turn. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ContainersBenchmark {
    private final List<ContainerCheck> checks = Catalogue.ofScan().stream()
            .filter(ContainerCheck.class::isInstance)
            .map(ContainerCheck.class::cast)
            .toList();
    private final Policies policies = Policies.of(PolicySet.NONE);
    private List<ContainerView> containers = List.of();
    private Expectation expectation;
    private NodeView node;
    private int next;

    @Setup
    public void scan() throws IOException, KubeletException {
        ScanReport report = CapturedScan.report();
        NodeView whole = report.node();
        node = whole.withoutOthers(whole.facts().hostMounts(), whole.namespaceOwners(), whole.mountPoints());
        containers = report.node().containers();
        expectation = new Expectation(
                node.facts(),
                report.declared(),
                report.inventory(),
                RuntimeDefaults.of(
                        containers.stream().map(ContainerView::attributed).toList()));
    }

    /** What the kernel should show of it. */
    @Benchmark
    public Object expectation() {
        return expectation.of(containers.get(next++ % containers.size()).attributed());
    }

    /** What all checks and the policies in force say of it. */
    @Benchmark
    public Object judgement() {
        ContainerView container = containers.get(next++ % containers.size());
        List<Verdict> verdicts = new ArrayList<>();
        for (ContainerCheck check : checks) {
            check.judge(container, node).ifPresent(verdicts::add);
        }
        policies.levels().judge(container, node).forEach(judged -> verdicts.add(judged.verdict()));
        return verdicts;
    }
}
