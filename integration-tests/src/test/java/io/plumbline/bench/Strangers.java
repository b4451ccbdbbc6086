package io.plumbline.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Drift as it happens: root comes into containers that promised none, and a listener at the agent's stream waits for the finding. */
final class Strangers implements AutoCloseable {

    private static final String CHECK = "root-user";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int PAUSE_MILLIS = 150;

    private final Path program;
    private final Map<Path, String> containers;
    private final HttpURLConnection stream;
    /** When the stream told of a container, by its pod's name and its own. */
    private final Map<String, Long> heard = new ConcurrentHashMap<>();

    /**
     * @param program {@code stranger}
     * @param containers the cgroups of those that no root is to run in, with the names of pod and container
     */
    Strangers(Path program, Map<Path, String> containers, URI agent) throws IOException {
        this.program = program;
        this.containers = new LinkedHashMap<>(containers);
        stream = (HttpURLConnection) agent.resolve("/api/v1/stream").toURL().openConnection();
        InputStream body = stream.getInputStream();
        Thread listener = new Thread(() -> listen(body), "stream");
        listener.setDaemon(true);
        listener.start();
    }

    private void listen(InputStream body) {
        try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            String event = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                long now = System.nanoTime();
                if (line.startsWith("event: ")) {
                    event = line.substring("event: ".length());
                } else if (line.startsWith("data: ") && event.equals("opened")) {
                    JsonNode finding = JSON.readTree(line.substring("data: ".length()));
                    if (finding.path("check").asText().equals(CHECK)) {
                        String name = finding.path("pod").asText() + "/"
                                + finding.path("container").asText();
                        heard.putIfAbsent(name, now);
                    }
                }
            }
        } catch (IOException e) {
            // The agent has ended, or the listener.
        }
    }

    /**
     * How late findings were.
     *
     * @param millis from exec to the stream, in ascending order
     * @param missed drifts that were not told of
     */
    record Delays(List<Double> millis, int missed) {
        double percentile(int percent) {
            return millis.isEmpty()
                    ? Double.NaN
                    : millis.get(Math.min(millis.size() - 1, millis.size() * percent / 100));
        }
    }

    /**
     * One after the other, each in a container of its own.
     *
     * @param count how many at most
     * @param more asked before each: whether there is to be one
     */
    Delays come(int count, BooleanSupplier more) throws BenchException, IOException {
        List<Double> millis = new ArrayList<>();
        int missed = 0;
        Iterator<Map.Entry<Path, String>> left = containers.entrySet().iterator();
        for (int i = 0; i < count && left.hasNext() && more.getAsBoolean(); i++) {
            Map.Entry<Path, String> container = left.next();
            left.remove();
            OptionalDouble delay = one(container.getKey(), container.getValue());
            delay.ifPresent(millis::add);
            if (delay.isEmpty()) {
                missed++;
            }
            Pause.of(TimeUnit.MILLISECONDS, PAUSE_MILLIS);
        }
        Collections.sort(millis);
        return new Delays(millis, missed);
    }

    /** Milliseconds; 0 if its coming into the cgroup was told of before its exec; empty if nothing was told. */
    private OptionalDouble one(Path cgroup, String container) throws BenchException, IOException {
        Process stranger = new ProcessBuilder(
                        program.toString(), cgroup.resolve("cgroup.procs").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var output =
                new BufferedReader(new InputStreamReader(stranger.getInputStream(), StandardCharsets.UTF_8))) {
            String line = output.readLine();
            if (line == null || !line.startsWith("EXEC ")) {
                throw new BenchException("no process could be put into " + cgroup);
            }
            long exec = Long.parseLong(line.substring("EXEC ".length()));
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (System.nanoTime() < end) {
                Long told = heard.get(container);
                if (told != null) {
                    return OptionalDouble.of(Math.max(0, (told - exec) / 1e6));
                }
                Pause.of(TimeUnit.MILLISECONDS, 5);
            }
            return OptionalDouble.empty();
        } finally {
            stranger.getOutputStream().close();
            stranger.destroy();
        }
    }

    @Override
    public void close() {
        stream.disconnect();
    }
}
