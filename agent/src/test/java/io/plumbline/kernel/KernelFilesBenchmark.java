package io.plumbline.kernel;

import io.plumbline.CapturedNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** One file of a captured container's process, read before: each of them in turn. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class KernelFilesBenchmark {
    private List<Content> status = List.of();
    private List<Content> mountinfo = List.of();
    private int next;

    @Setup
    public void read() throws IOException {
        status = files("status");
        mountinfo = files("mountinfo");
    }

    @Benchmark
    public Object status() {
        return StatusFile.parse(status.get(next++ % status.size()));
    }

    @Benchmark
    public Object mountinfo() {
        return MountInfoFile.parse(mountinfo.get(next++ % mountinfo.size()));
    }

    private static List<Content> files(String name) throws IOException {
        try (Stream<Path> processes = Files.list(CapturedNode.containers())) {
            return processes
                    .map(process -> process.resolve(name))
                    .filter(Files::exists)
                    .sorted()
                    .map(Parsed::file)
                    .toList();
        }
    }
}
