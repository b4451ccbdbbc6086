package io.plumbline.metrics;

import io.plumbline.CapturedScan;
import io.plumbline.kubernetes.KubeletException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** {@code /metrics} of the captured node of Kubernetes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MetricsBenchmark {
    private final AgentMetrics metrics = new AgentMetrics("benchmark");

    @Setup
    public void scan() throws IOException, KubeletException {
        metrics.publish(CapturedScan.state(CapturedScan.report()), List.of());
    }

    @Benchmark
    public String text() {
        return metrics.text(null);
    }
}
