package io.plumbline.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code plumbline serve} as a process that stays, a scan each second. */
final class Resident implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** {@code GC(7) DefNew: 1757K(4928K)->0K(4928K) Eden: ...}, and the same of {@code Tenured}: what the serial collector says. */
    private static final Pattern COLLECTION = Pattern.compile("(?:DefNew|Tenured): (\\d+)K\\(\\d+K\\)->(\\d+)K\\(");

    private final Process process;
    private final URI url;
    private final Path collections;
    private final CpuClock clock;
    private final Start begun;
    private final Thread atShutdown;

    /**
     * How it started, from its exec.
     *
     * @param listensMillis until the first answer with status 200
     * @param scannedMillis until the first whole scan, of pods that were known, is told of
     * @param cpuMillis of all its threads by then
     */
    record Start(double listensMillis, double scannedMillis, double cpuMillis) {}

    private Resident(Process process, Thread atShutdown, URI url, Path collections, CpuClock clock, Start begun) {
        this.atShutdown = atShutdown;
        this.process = process;
        this.url = url;
        this.collections = collections;
        this.clock = clock;
        this.begun = begun;
    }

    /**
     * Starts it, and returns when its first scan is over.
     *
     * @param jvm flags
     */
    static Resident start(Scene scene, List<String> jvm, List<String> options) throws BenchException, IOException {
        return start(List.of(), scene, jvm, options);
    }

    /** The same, started by a program that becomes it. */
    static Resident start(List<String> before, Scene scene, List<String> jvm, List<String> options)
            throws BenchException, IOException {
        int port = Exporter.freePort();
        Path collections = scene.scratch().resolve("gc.log");
        Files.deleteIfExists(collections);
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.add("-Xlog:gc,gc+heap:file=" + collections + "::filecount=0");
        command.addAll(List.of("-jar", ResidentJvm.jar(), "serve", "--listen", "127.0.0.1:" + port));
        command.addAll(List.of("--pods", scene.pods().toString(), "--scan-interval", "1s"));
        command.addAll(List.of("--state-dir", scene.scratch().resolve("state").toString()));
        command.addAll(options);
        Path log = scene.scratch().resolve("serve.log");
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(log.toFile())
                .start();
        Thread atShutdown = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(atShutdown);
        try {
            URI url = URI.create("http://127.0.0.1:" + port);
            await(process, url.resolve("/livez"), log, 2);
            double listens = (System.nanoTime() - start) / 1e6;
            // Each answer costs it something, and its CPU is counted.
            await(process, url.resolve("/readyz"), log, 25);
            double scanned = (System.nanoTime() - start) / 1e6;
            CpuClock clock = CpuClock.of(process.pid());
            return new Resident(
                    process, atShutdown, url, collections, clock, new Start(listens, scanned, clock.nanos() / 1e6));
        } catch (BenchException | IOException | RuntimeException e) {
            end(process);
            throw e;
        }
    }

    private static void await(Process process, URI url, Path log, int millis) throws BenchException, IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (status(url) != 200) {
            if (!process.isAlive() || System.nanoTime() > end) {
                List<String> said = Files.readAllLines(log);
                throw new BenchException("plumbline serve does not answer " + url.getPath()
                        + (said.isEmpty() ? "" : ": " + said.get(said.size() - 1)));
            }
            Pause.of(TimeUnit.MILLISECONDS, millis);
        }
    }

    private static int status(URI url) {
        try {
            HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                if (body != null) {
                    body.readAllBytes();
                }
            }
            return status;
        } catch (IOException e) {
            // Nobody listens yet.
            return 0;
        }
    }

    Start begun() {
        return begun;
    }

    URI url() {
        return url;
    }

    long pid() {
        return process.pid();
    }

    /** User and system time until now. */
    long cpuNanos() {
        return clock.nanos();
    }

    /** CPU time until now in units of a clock tick: fields 14 and 15 of proc_pid_stat(5). */
    record Ticks(long user, long kernel) {

        /** Per cent of the time since then. */
        double kernelSince(Ticks before) {
            return (kernel - before.kernel) * 100.0 / Math.max(1, kernel - before.kernel + user - before.user);
        }
    }

    Ticks ticks() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new Ticks(Long.parseLong(words[11]), Long.parseLong(words[12]));
    }

    /** One scrape. */
    Metrics metrics() throws IOException {
        try (InputStream body = url.resolve("/metrics").toURL().openStream()) {
            return new Metrics(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** What {@code /metrics} says; of a metric with labels, the sum. */
    record Metrics(String text) {
        double sum(String name) throws BenchException {
            Matcher line = Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*})? (\\S+)$")
                    .matcher(text);
            double sum = 0;
            boolean any = false;
            while (line.find()) {
                sum += Double.parseDouble(line.group(1));
                any = true;
            }
            if (!any) {
                throw new BenchException("/metrics has no " + name);
            }
            return sum;
        }
    }

    /** A field of smaps_rollup, such as {@code Rss}, in MiB. */
    double mib(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/smaps_rollup")).stream()
                        .filter(line -> line.startsWith(field + ":"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024.0;
    }

    /**
     * What the collector has told so far.
     *
     * @param allocatedKib since the JVM's start, until the last collection
     * @param full collections of the whole heap
     */
    record Heap(long allocatedKib, int full) {}

    /** Used after one collection, and before the next: what lies between was allocated. */
    Heap heap() throws IOException {
        long allocated = 0;
        int full = 0;
        Map<Character, Long> left = new HashMap<>();
        for (String line : Files.readAllLines(collections)) {
            Matcher found = COLLECTION.matcher(line);
            if (found.find()) {
                // Before this one minus after the one before it, of both generations.
                allocated += Long.parseLong(found.group(1))
                        - left.getOrDefault(found.group(0).charAt(0), 0L);
                left.put(found.group(0).charAt(0), Long.valueOf(found.group(2)));
            }
            full += line.contains("Pause Full") ? 1 : 0;
        }
        return new Heap(allocated, full);
    }

    @Override
    public void close() {
        end(process);
        Runtime.getRuntime().removeShutdownHook(atShutdown);
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
