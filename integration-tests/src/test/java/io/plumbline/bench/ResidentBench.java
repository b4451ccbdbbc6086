package io.plumbline.bench;

import io.plumbline.bench.Resident.Heap;
import io.plumbline.bench.Resident.Metrics;
import io.plumbline.bench.Strangers.Delays;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** {@code ./plumbline bench --serve}: what the agent costs that stays, and how soon it sees. Goals are those of 5,000 processes. */
final class ResidentBench {

    private static final int SCRAPE_SECONDS = 15;
    private static final int STORM_PER_SECOND = 10_000;
    private static final int STRACE_SECONDS_MAX = 30;
    private static final String LOST = "plumbline_events_lost_total";
    private static final String SCANS = "plumbline_scan_duration_seconds_count";

    private final Scene scene;
    private final Map<Path, String> withoutRoot;
    private final Options options;
    private final int seconds;
    private final List<String> remarks;
    private final ResidentTable table = new ResidentTable();

    /**
     * @param withoutRoot as of {@link Population#withoutRoot}
     * @param remarks takes what there is to be said of the figures
     */
    ResidentBench(Scene scene, Map<Path, String> withoutRoot, Options options, List<String> remarks) {
        this.scene = scene;
        this.withoutRoot = withoutRoot;
        this.options = options;
        this.seconds = options.serveSeconds().orElseThrow();
        this.remarks = remarks;
    }

    void run() throws BenchException, IOException {
        double alone = execs(begin()).cpu();
        starts();
        double idle;
        try (Resident agent = start()) {
            idle = peace(agent);
            memory(agent);
            systemCalls(agent);
            storm(agent, idle, alone);
            drift(agent);
        }
        try (Resident agent = start("--task-iterator", "off")) {
            warmUp(agent);
            table.add("5  without the task iterator, peace: % of a core", "%.2f", cpu(agent), 3);
        }
        exporter(idle);
        System.out.printf("measured  over %d s each, load afterwards %s%n%n", seconds, Machine.load());
        table.print();
        if (options.where()) {
            where();
        }
    }

    /** What others pay who look at each process once a second. */
    private void exporter(double idle) throws BenchException, IOException {
        Exporter.Kind kind = Exporter.Kind.PROCESSES;
        Optional<Exporter> started = Exporter.start(kind, scene.scratch());
        if (started.isEmpty()) {
            remarks.add(kind.program() + " is not installed (Debian, Ubuntu: " + kind.program() + "): no row 18");
            return;
        }
        try (Exporter exporter = started.get()) {
            long start = System.nanoTime();
            long before = exporter.cpuNanos();
            int scrapes = 0;
            // One that takes longer than a second cannot be asked each second; then what it would take is still that of
            // a scrape.
            while (System.nanoTime() - start < seconds * 1_000_000_000L) {
                exporter.scrape();
                scrapes++;
                Pause.of(TimeUnit.NANOSECONDS, Math.max(0, start + scrapes * 1_000_000_000L - System.nanoTime()));
            }
            double used = (exporter.cpuNanos() - before) / 1e7 / scrapes;
            table.add("   " + kind.program() + ", a scrape a second: % of a core", "%.1f", used);
            table.add("18 the agent in peace / that", "%.4f", idle / used, 0.01);
        }
    }

    /** From samples of one that is started for that alone: taking them costs, too. */
    private void where() throws BenchException, IOException {
        Path recording = scene.scratch().resolve("where.jfr");
        List<String> jvm = new ArrayList<>(ResidentJvm.ofLauncher());
        jvm.addAll(WhereTimeGoes.flags(recording, scene.scratch().resolve("where.jfc")));
        Instant from;
        double kernel;
        try (Resident agent = Resident.start(scene, jvm, List.of())) {
            warmUp(agent);
            from = Instant.now();
            Resident.Ticks before = agent.ticks();
            Pause.of(TimeUnit.SECONDS, seconds);
            kernel = agent.ticks().kernelSince(before);
        }
        WhereTimeGoes.in(recording, from).print(System.out, kernel);
    }

    private Resident start(String... more) throws BenchException, IOException {
        return Resident.start(scene, ResidentJvm.ofLauncher(), List.of(more));
    }

    private void starts() throws BenchException, IOException {
        List<Resident.Start> starts = new ArrayList<>();
        for (int i = 0; i < options.runs(); i++) {
            try (Resident agent = start()) {
                starts.add(agent.begun());
            }
        }
        table.add("10 start: HTTP answers, ms", "%.0f", median(starts, Resident.Start::listensMillis), 300);
        table.add(
                "10 start: first whole scan, pods known, ms",
                "%.0f",
                median(starts, Resident.Start::scannedMillis),
                500);
        table.add("10 start: CPU by then, ms", "%.0f", median(starts, Resident.Start::cpuMillis), 700);
    }

    private static double median(List<Resident.Start> starts, ToDoubleFunction<Resident.Start> what) {
        double[] sorted = starts.stream().mapToDouble(what).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private void warmUp(Resident agent) throws BenchException, IOException {
        Pause.of(TimeUnit.SECONDS, seconds);
        agent.metrics();
    }

    /** Per cent of a core while nothing happens. */
    private double peace(Resident agent) throws BenchException, IOException {
        warmUp(agent);
        Metrics before = agent.metrics();
        Heap heapBefore = agent.heap();
        double idle = cpu(agent);
        Heap heap = agent.heap();
        Metrics after = agent.metrics();
        double scans = after.sum(SCANS) - before.sum(SCANS);
        double processes = after.sum("plumbline_processes");
        if (scans < 1 || processes < options.processes()) {
            throw new BenchException("in " + seconds + " s the agent made " + scans + " scans and saw " + processes
                    + " processes: nothing that could be measured");
        }
        table.add("4  peace, a scan each second: % of a core", "%.2f", idle, 1);
        table.add("   CPU a scan, whole agent, ms", "%.2f", idle * 10 * seconds / scans);
        table.add(
                "7  allocated a process and scan, whole agent, bytes",
                "%.0f",
                (heap.allocatedKib() - heapBefore.allocatedKib()) * 1024.0 / scans / processes,
                16);
        table.add("7  collections of the whole heap meanwhile", "%.0f", heap.full() - heapBefore.full(), 0);
        return idle;
    }

    /** Per cent of a core from now on. */
    private double cpu(Resident agent) throws BenchException, IOException {
        long start = System.nanoTime();
        long before = agent.cpuNanos();
        for (int second = 1; second <= seconds; second++) {
            Pause.of(TimeUnit.NANOSECONDS, start + second * 1_000_000_000L - System.nanoTime());
            if (second % SCRAPE_SECONDS == 0) {
                agent.metrics();
            }
        }
        return (agent.cpuNanos() - before) * 100.0 / (System.nanoTime() - start);
    }

    private void memory(Resident agent) throws IOException {
        table.add("9  resident memory, MiB", "%.1f", agent.mib("Rss"), 80);
        table.add("9  of it anonymous, MiB", "%.1f", agent.mib("Anonymous"), 40);
    }

    private void systemCalls(Resident agent) throws BenchException, IOException {
        Optional<String> program = Programs.find("strace");
        if (program.isEmpty()) {
            remarks.add("strace is not installed (Debian, Ubuntu: strace): no system calls");
            return;
        }
        int length = Math.min(seconds, STRACE_SECONDS_MAX);
        double[] scans = {0};
        double calls = new Strace(program.get(), scene.scratch().resolve("strace")).count(agent.pid(), () -> {
            double before = agent.metrics().sum(SCANS);
            Pause.of(TimeUnit.SECONDS, length);
            scans[0] = agent.metrics().sum(SCANS) - before;
        });
        table.add(
                "8  system calls a process and scan, whole agent",
                "%.3f",
                calls / Math.max(1, scans[0]) / agent.metrics().sum("plumbline_processes"),
                0.05);
    }

    /** A storm of execs: first alone, then with drift among them. */
    private void storm(Resident agent, double idle, double aloneBefore) throws BenchException, IOException {
        double lost = agent.metrics().sum(LOST);
        long before = agent.cpuNanos();
        long start = System.nanoTime();
        Execs with = execs(begin());
        double used = agent.cpuNanos() - before - idle / 100 * (System.nanoTime() - start);
        table.add("   a storm of processes that exec and end: execs a second", "%.0f", with.count() / seconds);
        table.add(
                "13 events that the kernel could not deliver meanwhile",
                "%.0f",
                agent.metrics().sum(LOST) - lost,
                0);
        table.add("15 CPU of the agent for it beyond peace, an exec, us", "%.2f", used / with.count() / 1e3, 1);
        table.add("16 CPU of one of these processes, with the agent / without", "%.2f", with.cpu() / aloneBefore, 1.10);
    }

    private void drift(Resident agent) throws BenchException, IOException {
        if (withoutRoot.size() < 2) {
            remarks.add("no containers to put drift into: no exec-to-finding");
            return;
        }
        int most = Math.min(withoutRoot.size() / 2, 5 * seconds);
        try (Strangers strangers = new Strangers(scene.program("stranger"), withoutRoot, agent.url())) {
            delays("12 exec to finding on the stream, %s, ms", strangers.come(most, () -> true), 1);
            Process storm = begin();
            try {
                Delays among = strangers.come(most, storm::isAlive);
                delays("12 exec to finding in a storm of execs, %s, ms", among, 10);
                execs(storm);
            } finally {
                storm.destroy();
            }
        }
    }

    private void delays(String name, Delays delays, double most) {
        int count = delays.millis().size() + delays.missed();
        table.add(String.format(Locale.ROOT, name, "p50"), "%.1f", delays.percentile(50));
        table.add(String.format(Locale.ROOT, name, "p99 of " + count), "%.1f", delays.percentile(99), most);
        table.add("   of them missed", "%.0f", delays.missed(), 0);
    }

    /**
     * What a storm was.
     *
     * @param cpu of one exec, in nanoseconds
     */
    private record Execs(double count, double cpu) {}

    private Process begin() throws IOException {
        return new ProcessBuilder(
                        scene.program("exec_storm").toString(),
                        Integer.toString(STORM_PER_SECOND),
                        Integer.toString(seconds),
                        scene.program("nothing").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Execs execs(Process storm) throws BenchException, IOException {
        String said = new String(storm.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String[] words = said.split(" ", -1);
        if (words.length != 4) {
            throw new BenchException("the storm of execs did not come: " + said);
        }
        double count = Double.parseDouble(words[1]);
        return new Execs(count, Double.parseDouble(words[3]) / count);
    }
}
