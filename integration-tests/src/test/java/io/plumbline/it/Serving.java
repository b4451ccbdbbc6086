package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code plumbline serve} as a user starts it, and a listener at its stream. */
final class Serving implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The launcher may have to build first. */
    private static final Duration START = Duration.ofMinutes(5);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path out;
    private final Path err;
    private final Process process;
    private final URI url;
    private final Map<String, Map<String, Long>> opened = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Long>> closed = new ConcurrentHashMap<>();

    /** Starts it on a port of the kernel's choice, and waits until it listens. */
    static Serving start(Path directory, List<String> options) throws IOException {
        return new Serving(directory, "", options);
    }

    /** Over the containers of a node, which has told it its pods; waits for the first scan. */
    static Serving over(Node node, String scanInterval) throws IOException {
        return over(node, scanInterval, "");
    }

    /** The same with more options for the Java that runs it, and more of its own. */
    static Serving over(Node node, String scanInterval, String javaOptions, String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "--pods",
                node.podList("pods.json", list -> {}).toString(),
                "--host-root",
                node.hostRoot().toString(),
                "--state-dir",
                node.directory().resolve("state").toString(),
                "--scan-interval",
                scanInterval));
        options.addAll(List.of(more));
        return new Serving(node.directory(), javaOptions, options).scanned();
    }

    private Serving(Path directory, String javaOptions, List<String> options) throws IOException {
        out = Files.createTempFile(directory, "serve-", ".out");
        err = Files.createTempFile(directory, "serve-", ".err");
        var command = new ArrayList<>(
                List.of(Machine.repository().resolve("plumbline").toString(), "serve", "--listen", "127.0.0.1:0"));
        command.addAll(options);
        var builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_TOOL_OPTIONS", javaOptions);
        process = builder.redirectInput(
                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        await().atMost(START).until(() -> {
            assertThat(process.isAlive()).as(log()).isTrue();
            return Files.readString(out).endsWith("/\n");
        });
        url = URI.create(
                Files.readString(out).lines().reduce((first, second) -> second).orElseThrow());
    }

    /** Begins to listen to the stream; returns when it is open. */
    Serving listening() {
        var request = HttpRequest.newBuilder(url.resolve("/api/v1/stream")).build();
        var answer = client.sendAsync(request, BodyHandlers.ofLines()).join();
        var thread = new Thread(() -> hear(answer.body()), "stream");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    /** Comes to the stream, and goes away without a word. */
    void listenForAMoment() {
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream()
                    .write(("GET /api/v1/stream HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void hear(Stream<String> lines) {
        var event = new String[] {""};
        try {
            lines.forEach(line -> {
                long now = System.nanoTime();
                if (line.startsWith("event: ")) {
                    event[0] = line.substring("event: ".length());
                } else if (line.startsWith("data: ") && !event[0].equals("scan")) {
                    JsonNode finding = read(line.substring("data: ".length()));
                    of(
                                    event[0].equals("opened") ? opened : closed,
                                    finding.path("check").asText())
                            .put(finding.path("id").asText(), now);
                }
            });
        } catch (UncheckedIOException e) {
            // The agent ended, which a test may want.
        }
    }

    /** When the stream said that a finding of this check opened, by its id: {@link System#nanoTime}. */
    Map<String, Long> opened(String check) {
        return of(opened, check);
    }

    /** The same of those that closed. */
    Map<String, Long> closed(String check) {
        return of(closed, check);
    }

    private static Map<String, Long> of(Map<String, Map<String, Long>> heard, String check) {
        return heard.computeIfAbsent(check, any -> new ConcurrentHashMap<>());
    }

    JsonNode get(String path) {
        return read(text(path));
    }

    String text(String path) {
        try {
            return client.send(HttpRequest.newBuilder(url.resolve(path)).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The value of a metric; its labels, if it has any, are part of the name. */
    double metric(String name) {
        var line = Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(text("/metrics"));
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }

    /** Waits until the first scan is over. */
    Serving scanned() {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> text("/metrics").contains("plumbline_scan_last_success_timestamp_seconds"));
        return this;
    }

    /** Resident memory, in KiB. */
    long residentKib() {
        return Long.parseLong(new Proc(process.pid()).status("VmRSS").replaceAll("\\D", ""));
    }

    String log() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Ends it without a chance to say good-bye. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }
}
