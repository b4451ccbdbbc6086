package io.plumbline.bench;

import io.plumbline.bench.Resident.Metrics;
import io.plumbline.bench.Strangers.Delays;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code ./plumbline bench --life}: what the agent holds over a long time in the memory that a cluster gives it, beside short processes that come
 * and go, with the page open and people who ask.
 */
final class LifeBench {

    private static final int STORM_PER_SECOND = 1000;
    private static final int ROWS = 12;
    private static final int ASKED_SECONDS = 15;
    private static final int DRIFTS = 20;
    private static final String ROW = "%8s %8s %10s %8s %12s %8s %8s %10s%n";

    private final Scene scene;
    private final Map<Path, String> withoutRoot;
    private final int seconds;
    private final List<String> remarks;

    /** @param remarks takes what there is to be said of the figures */
    /** @param withoutRoot as of {@link Population#withoutRoot} */
    LifeBench(Scene scene, Map<Path, String> withoutRoot, int seconds, List<String> remarks) {
        this.scene = scene;
        this.withoutRoot = withoutRoot;
        this.seconds = seconds;
        this.remarks = remarks;
    }

    void run() throws BenchException, IOException {
        int mib = MemoryLimit.of(scene.daemonSet());
        try (MemoryLimit limit = MemoryLimit.make(mib);
                Resident agent =
                        Resident.start(limit.words(), scene, ResidentJvm.ofImage(scene.jvmOptions()), List.of())) {
            System.out.printf(
                    "limit     %d MiB; %d processes a second that exec and end, for %d s%n%n",
                    mib, STORM_PER_SECOND, seconds);
            Process storm = storm();
            Optional<Process> browser = browser(agent);
            try {
                live(agent);
            } finally {
                browser.ifPresent(Process::destroy);
                storm.destroy();
            }
            drift(agent);
        }
    }

    private Process storm() throws IOException {
        return new ProcessBuilder(
                        scene.program("exec_storm").toString(),
                        Integer.toString(STORM_PER_SECOND),
                        Integer.toString(seconds),
                        scene.program("nothing").toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The page, as somebody leaves it open. */
    private Optional<Process> browser(Resident agent) throws IOException {
        Optional<String> chromium = Programs.find("chromium");
        if (chromium.isEmpty()) {
            remarks.add("chromium is not installed (Debian, Ubuntu: chromium): nobody had the page open");
            return Optional.empty();
        }
        return Optional.of(new ProcessBuilder(
                        chromium.get(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--remote-debugging-port=" + Exporter.freePort(),
                        "--user-data-dir=" + scene.scratch().resolve("browser"),
                        agent.url().toString())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    private void live(Resident agent) throws BenchException, IOException {
        System.out.printf(ROW, "", "RESIDENT", "ANONYMOUS", "HEAP", "DESCRIPTORS", "THREADS", "EVENTS", "% OF");
        System.out.printf(ROW, "AFTER S", "MiB", "MiB", "MiB", "", "", "LOST", "A CORE");
        long start = System.nanoTime();
        long cpu = agent.cpuNanos();
        long before = start;
        int row = 1;
        for (int second = 1; second <= seconds; second++) {
            Pause.of(TimeUnit.NANOSECONDS, Math.max(0, start + second * 1_000_000_000L - System.nanoTime()));
            if (second % ASKED_SECONDS == 0) {
                ask(agent, "/metrics");
                ask(agent, "/api/v1/findings");
            }
            if (second >= (long) seconds * row / ROWS) {
                row++;
                long now = System.nanoTime();
                long used = agent.cpuNanos();
                print(agent, second, (used - cpu) * 100.0 / (now - before));
                cpu = used;
                before = now;
            }
        }
    }

    private static void ask(Resident agent, String path) throws IOException {
        try (InputStream body = agent.url().resolve(path).toURL().openStream()) {
            body.readAllBytes();
        }
    }

    private static void print(Resident agent, int second, double cpu) throws BenchException, IOException {
        Metrics metrics = agent.metrics();
        System.out.printf(
                ROW,
                second,
                text("%.1f", agent.mib("Rss")),
                text("%.1f", agent.mib("Anonymous")),
                text("%.1f", metrics.sum("jvm_memory_used_bytes{area=\"heap\"}") / (1 << 20)),
                count(agent, "fd"),
                count(agent, "task"),
                text("%.0f", metrics.sum("plumbline_events_lost_total")),
                text("%.1f", cpu));
    }

    private static String text(String format, double figure) {
        return String.format(Locale.ROOT, format, figure);
    }

    private static long count(Resident agent, String of) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + agent.pid() + "/" + of))) {
            return all.count();
        }
    }

    /** It still sees what it is there for. */
    private void drift(Resident agent) throws BenchException, IOException {
        List<String> said = new ArrayList<>();
        try (Strangers strangers = new Strangers(scene.program("stranger"), withoutRoot, agent.url())) {
            Delays delays = strangers.come(DRIFTS, () -> true);
            said.add(text("%.0f", delays.millis().size()) + " of "
                    + (delays.millis().size() + delays.missed()) + " drifts told of at the end");
            said.add("p50 " + text("%.0f", delays.percentile(50)) + " ms");
        }
        System.out.println(System.lineSeparator() + String.join(", ", said));
    }
}
