package io.plumbline.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An exporter of Prometheus, on a port of the loopback, which looks at all processes when it is asked. */
final class Exporter implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Process process;
    private final URI metrics;
    private final CpuClock clock;
    private final Thread atShutdown;

    private Exporter(Process process, URI metrics, Thread atShutdown) {
        this.process = process;
        this.metrics = metrics;
        this.clock = CpuClock.of(process.pid());
        this.atShutdown = atShutdown;
    }

    /** A package of Debian with one. */
    enum Kind {
        /** Each process in a group that is called as it is; threads and memory maps, too, as it does unasked. */
        PROCESSES("prometheus-process-exporter", "prometheus-process-exporter, a scrape"),
        /** Only how many processes are in which state. */
        STATES("prometheus-node-exporter", "prometheus-node-exporter, processes alone");

        private final String program;
        private final String row;

        Kind(String program, String row) {
            this.program = program;
            this.row = row;
        }

        /** The name of its row. */
        String row() {
            return row;
        }

        String program() {
            return program;
        }

        private List<String> words(Path scratch) throws IOException {
            if (this == STATES) {
                return List.of("--collector.disable-defaults", "--collector.processes");
            }
            Path configuration = Files.writeString(
                    scratch.resolve("exporter.yml"), "process_names: [{name: '{{.Comm}}', cmdline: ['.+']}]\n");
            return List.of("--config.path", configuration.toString());
        }
    }

    /**
     * Starts it and asks once.
     *
     * @param scratch where {@code exporter.yml} may be written
     * @return empty where it is not installed
     */
    static Optional<Exporter> start(Kind kind, Path scratch) throws BenchException, IOException {
        Optional<String> program = Programs.find(kind.program());
        if (program.isEmpty()) {
            return Optional.empty();
        }
        String address = "127.0.0.1:" + freePort();
        List<String> command = new ArrayList<>(List.of(program.get(), "--web.listen-address", address));
        command.addAll(kind.words(scratch));
        Process process = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread atShutdown = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(atShutdown);
        Exporter exporter = new Exporter(process, URI.create("http://" + address + "/metrics"), atShutdown);
        try {
            exporter.await(kind);
            return Optional.of(exporter);
        } catch (BenchException | RuntimeException e) {
            exporter.close();
            throw e;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void await(Kind kind) throws BenchException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                scrape();
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new BenchException(kind.program() + " does not answer " + metrics + ": " + e.getMessage());
                }
                Pause.of(TimeUnit.MILLISECONDS, 20);
            }
        }
    }

    /** One scrape, whose answer is thrown away. */
    void scrape() throws IOException {
        try (InputStream body = metrics.toURL().openStream()) {
            body.readAllBytes();
        }
    }

    /** User and system time until now. */
    long cpuNanos() {
        return clock.nanos();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        Runtime.getRuntime().removeShutdownHook(atShutdown);
    }
}
