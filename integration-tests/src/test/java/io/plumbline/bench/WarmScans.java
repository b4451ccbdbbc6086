package io.plumbline.bench;

import com.sun.management.ThreadMXBean;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ScanReport;
import io.plumbline.scan.NodeScan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import oshi.SystemInfo;
import oshi.software.os.OperatingSystem;

/**
 * The agent in a JVM of its own, as it is after a while: classes loaded, code compiled, caches full.
 *
 * <p>Standard input has lines of a {@link Kind} and a number of scans; each is answered with one line: CPU nanoseconds (the median scan,
 * all threads of the JVM), allocated bytes (the median), processes, containers of the population that were recognised, and how
 * {@code /proc} was read. The argument is a file with a list of pods.
 */
final class WarmScans {

    /** What counts as a scan. */
    enum Kind {
        /** All that the kernel says of the node, each file read again. */
        SNAPSHOT,
        /** The same as an agent that stays sees it, when nothing happens: at once again. */
        STEADY,
        /** The same once a second: the processor's caches have held other things meanwhile. */
        STEADY_EACH_SECOND,
        /** As who cannot use the iterator reads when nothing happens, and the judgement of every container as if for the first time. */
        REPORT,
        /** As STEADY, and the judgement as an agent that stays makes it: what was said of whoever is as he was is said again. */
        STEADY_REPORT,
        /** As the first, on a machine where the C library cannot be loaded. */
        JAVA_SNAPSHOT,
        /** Not ours: what OSHI says of each process. */
        OSHI
    }

    private final CpuClock clock = CpuClock.own();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final OperatingSystem system = new SystemInfo().getOperatingSystem();
    private final DeclaredNode declared;
    private final Map<Kind, NodeReader> readers = new EnumMap<>(Kind.class);

    /** That of STEADY_REPORT, once there is one. */
    private @Nullable NodeScan staying;

    private NodeSnapshotCount last = new NodeSnapshotCount(0, 0, "");

    private WarmScans(DeclaredNode declared) {
        this.declared = declared;
    }

    private record NodeSnapshotCount(int processes, int containers, String backend) {}

    public static void main(String[] args) throws Exception {
        WarmScans scans = new WarmScans(new PodsFile(Path.of(args[0])).read());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            System.out.println(scans.measure(Kind.valueOf(words[0]), Integer.parseInt(words[1])));
        }
    }

    private String measure(Kind kind, int times) throws IOException {
        long[] cpu = new long[times];
        long[] allocated = new long[times];
        for (int i = 0; i < times; i++) {
            pause(kind);
            long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
            long cpuBefore = clock.nanos();
            last = scan(kind);
            cpu[i] = clock.nanos() - cpuBefore;
            allocated[i] = threads.getCurrentThreadAllocatedBytes() - allocatedBefore;
        }
        Arrays.sort(cpu);
        Arrays.sort(allocated);
        return cpu[times / 2] + " " + allocated[times / 2] + " " + last.processes() + " " + last.containers() + " "
                + last.backend();
    }

    private static void pause(Kind kind) {
        try {
            Thread.sleep(kind == Kind.STEADY_EACH_SECOND ? 1000 : 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private NodeReader reader(Kind kind) throws IOException {
        NodeReader known = readers.get(kind);
        if (known == null) {
            ProcRoot root = ProcRoot.ofThisMachine();
            known = switch (kind) {
                case JAVA_SNAPSHOT -> NodeReader.open(root, NativeHelpers.in(Path.of("/nonexistent")));
                case REPORT -> NodeReader.openWithoutIterator(root);
                default -> NodeReader.open(root);
            };
            readers.put(kind, known);
        }
        return known;
    }

    private NodeSnapshotCount scan(Kind kind) throws IOException {
        if (kind == Kind.OSHI) {
            return new NodeSnapshotCount(system.getProcesses().size(), 0, "oshi");
        }
        NodeReader reader = reader(kind);
        if (kind == Kind.REPORT || kind == Kind.STEADY_REPORT) {
            NodeScan judge = kind == Kind.STEADY_REPORT && staying != null
                    ? staying
                    : new NodeScan(reader, Optional.empty(), "bench");
            staying = kind == Kind.STEADY_REPORT ? judge : staying;
            ScanReport report = judge.run(Optional.of(declared));
            int processes = report.node().others().size()
                    + report.containers().stream()
                            .mapToInt(container -> container.view().processes().size())
                            .sum();
            return new NodeSnapshotCount(
                    processes,
                    (int) report.containers().stream()
                            .filter(container -> container.view().declaration() instanceof Declaration.OfSpec)
                            .count(),
                    report.node().facts().reader().backend());
        }
        NodeSnapshot snapshot = kind == Kind.SNAPSHOT ? reader.wholeSnapshot() : reader.snapshot();
        return new NodeSnapshotCount(
                snapshot.processes().size(), 0, snapshot.facts().reader().backend());
    }
}
