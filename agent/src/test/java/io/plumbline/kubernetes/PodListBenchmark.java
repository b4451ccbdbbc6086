package io.plumbline.kubernetes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The kubelet's list of pods: captured pods again and again, with the bulk that pods have, some 10 KB each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PodListBenchmark {
    @Param({"110", "250"})
    private int pods;

    private byte[] body = {};
    private final PodListReader reader = new PodListReader(JsonCursor.factory());

    @Setup
    public void ask() throws IOException {
        body = ManyPods.json(pods);
    }

    /** As at each refresh: nothing in it is new. */
    @Benchmark
    public Object again() throws KubeletException {
        return reader.read(new ByteArrayInputStream(body), "here");
    }

    @Benchmark
    public Object firstTime() throws KubeletException {
        return new PodListReader(JsonCursor.factory()).read(new ByteArrayInputStream(body), "here");
    }
}
