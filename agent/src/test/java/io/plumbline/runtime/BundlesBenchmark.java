package io.plumbline.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What containerd and runc keep of 250 containers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BundlesBenchmark {
    private static final int CONTAINERS = 250;
    private static final String TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/";

    private Path directory = Path.of("");
    private FakeHost host = new FakeHost(directory);
    private BundleInventory quiet = new BundleInventory(directory);
    private BundleInventory thorough = new BundleInventory(directory);
    private long millis = 1_000_000;

    @Setup
    public void start() throws IOException {
        directory = Files.createTempDirectory("bundles");
        host = new FakeHost(directory);
        for (int i = 0; i < CONTAINERS; i++) {
            String id = "%064x".formatted(i);
            host.file(TASKS + id + "/config.json", FakeHost.config(""))
                    .file(TASKS + id + "/init.pid", Integer.toString(1000 + i))
                    .file(
                            "/run/containerd/runc/k8s.io/" + id + "/state.json",
                            "{\"init_process_pid\": %d, \"config\": {\"labels\": [\"bundle=%s\"]}}"
                                    .formatted(1000 + i, TASKS + id));
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path one : all.toList()) {
                Files.setLastModifiedTime(one, FileTime.fromMillis(1));
            }
        }
        quiet = new BundleInventory(directory, List.of(), () -> 1_000_000);
        thorough = new BundleInventory(directory, List.of(), () -> millis += TimeUnit.HOURS.toMillis(1));
        firstTime();
    }

    @TearDown
    public void end() throws IOException {
        host.remove("/");
    }

    /** As in nearly every scan: no container came or went. */
    @Benchmark
    public Object again() {
        return quiet.read();
    }

    /** As once a minute: every file is asked whether it is as it was. */
    @Benchmark
    public Object thoroughly() {
        return thorough.read();
    }

    @Benchmark
    public Object firstTime() {
        return new BundleInventory(directory).read();
    }
}
