package io.plumbline.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.plumbline.CapturedScan;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.model.Finding;
import io.plumbline.report.ReportJson;
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

/** The findings of the captured node of Kubernetes as {@code /api/v1/findings} gives them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FindingsBenchmark {
    private final ReportJson objects = new ReportJson("https://docs.example");
    private List<Finding> findings = List.of();

    @Setup
    public void scan() throws IOException, KubeletException {
        findings = CapturedScan.report().findings();
    }

    @Benchmark
    public byte[] json() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        findings.forEach(finding -> all.add(objects.finding(finding)));
        return JsonBytes.of(all);
    }
}
