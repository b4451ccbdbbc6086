package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What changes on the node, as those hear it who stay connected, and those who come by. */
@Timeout(120)
class LiveTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final JsonMapper JSON = new JsonMapper();

    /** In the captured node this one is in the host's mount, pid, network, ipc and uts namespaces without a word of its spec. */
    private static final int OUTSIDE = 7289;

    @Test
    void streamTellsWhatClosesAndOpensAndTheMetricsAndTheApiFollow() throws Exception {
        try (ServedNode served = new ServedNode(Limits.USUAL).scanning()) {
            await().atMost(PATIENCE).until(() -> hostMounts(served) == 1);
            assertThat(served.get("/metrics").body()).contains("plumbline_findings{check=\"host-mount\"");

            HttpResponse<Stream<String>> stream = served.stream();
            assertThat(stream.headers().firstValue("Content-Type")).contains("text/event-stream");
            Events events = new Events(stream.body());
            await().atMost(PATIENCE).until(() -> !events.named("scan").isEmpty());

            served.take(OUTSIDE);
            await().atMost(PATIENCE).until(() -> hostMounts(served) == 0);
            await().atMost(PATIENCE).until(() -> events.named("closed").size() == 5);
            assertThat(events.named("closed"))
                    .extracting(finding -> finding.path("check").asText())
                    .containsExactlyInAnyOrder("host-mount", "host-pid", "host-network", "host-ipc", "host-uts");
            assertThat(served.get("/metrics").body()).doesNotContain("host-mount\",kind");

            served.bringBack(OUTSIDE);
            await().atMost(PATIENCE).until(() -> events.named("opened").size() == 5);
            JsonNode opened = events.named("opened").get(0);
            assertThat(opened.path("check").asText()).isEqualTo("host-mount");
            assertThat(served.json("/api/v1/findings/" + opened.path("id").asText())
                            .path("message"))
                    .isEqualTo(opened.path("message"));
            assertThat(hostMounts(served)).isEqualTo(1);
        }
    }

    @Test
    void readyzSaysSinceWhenTheKubeletIsGoneAndTheLastTruthStaysServed() throws Exception {
        try (ServedNode served = new ServedNode(Limits.USUAL).scanning()) {
            await().atMost(PATIENCE).until(() -> hostMounts(served) == 1);
            assertThat(served.get("/readyz").body()).isEqualTo("ok\n");
            assertThat(served.get("/readyz?verbose").body())
                    .contains("[+]scan ", "[+]kubelet ", "[+]state ", "readyz check passed");
            assertThat(served.json("/api/v1/node").at("/kubelet/stale").asBoolean())
                    .isFalse();

            Path aside = served.pods().resolveSibling("aside.json");
            Files.move(served.pods(), aside, StandardCopyOption.ATOMIC_MOVE);
            await().atMost(PATIENCE)
                    .until(() ->
                            served.json("/api/v1/node").at("/kubelet/stale").asBoolean());
            await().atMost(PATIENCE).until(() -> served.status("/readyz") == 503);
            HttpResponse<String> ready = served.get("/readyz");
            assertThat(ready.body())
                    .contains("[+]scan ", "[-]kubelet last answer ", "no such file", "readyz check failed");
            assertThat(served.status("/livez")).isEqualTo(200);
            JsonNode node = served.json("/api/v1/node");
            assertThat(node.at("/kubelet/trouble").asText()).contains("no such file");
            assertThat(node.at("/kubelet/ageSeconds").asInt()).isGreaterThanOrEqualTo(5);
            assertThat(node.at("/kubelet/warnings").toString()).contains("a newer one could not be had");
            assertThat(hostMounts(served)).isEqualTo(1);

            Files.move(aside, served.pods(), StandardCopyOption.ATOMIC_MOVE);
            await().atMost(PATIENCE).until(() -> served.status("/readyz") == 200);
            assertThat(served.json("/api/v1/node").at("/kubelet/stale").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void beforeTheFirstScanTheApiSaysThatThereIsNoneAndLivezIsFine() throws Exception {
        try (ServedNode served = new ServedNode(Limits.USUAL)) {
            for (String path : List.of("/api/v1/node", "/api/v1/findings", "/api/v1/pods", "/api/v1/processes")) {
                HttpResponse<String> answer = served.get(path);
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                ApiTest.assertProblem(answer);
            }
            assertThat(served.status("/readyz")).isEqualTo(503);
            assertThat(served.get("/readyz").body()).contains("[-]scan the first one is under way");
            assertThat(served.status("/livez")).isEqualTo(200);
            assertThat(served.status("/api/v1/checks")).isEqualTo(200);
            assertThat(served.status("/metrics")).isEqualTo(200);
            served.scanning();
            await().atMost(PATIENCE).until(() -> served.status("/readyz") == 200);
        }
    }

    @Test
    void silentStreamShowsThatItIsAliveAndOneListenerTooManyIsTurnedAway() throws Exception {
        Limits few = new Limits(
                4096, 16_384, Duration.ofSeconds(20), Duration.ofSeconds(60), 64, 2, 16, Duration.ofMillis(200));
        try (ServedNode served = new ServedNode(few)) {
            Events first = new Events(served.stream().body());
            Events second = new Events(served.stream().body());
            await().atMost(PATIENCE).until(() -> first.beats() > 1 && second.beats() > 1);
            HttpResponse<String> third = served.get("/api/v1/stream");
            assertThat(third.statusCode()).isEqualTo(503);
            ApiTest.assertProblem(third);
            HttpResponse<String> head = served.send(HttpRequest.newBuilder(served.url("/api/v1/node"))
                    .method("HEAD", HttpRequest.BodyPublishers.noBody()));
            assertThat(head.statusCode()).isEqualTo(503);
            second.close();
            await().atMost(PATIENCE).until(() -> served.stream().statusCode() == 200);
        }
    }

    private static int hostMounts(ServedNode served) throws IOException, InterruptedException {
        HttpResponse<String> answer = served.get("/api/v1/findings?check=host-mount");
        return answer.statusCode() == 200
                ? JSON.readTree(answer.body()).path("total").asInt()
                : -1;
    }

    /** Reads a stream of server-sent events on a thread of its own. */
    private static final class Events {
        private final List<Event> heard = new CopyOnWriteArrayList<>();
        private final List<String> comments = new CopyOnWriteArrayList<>();
        private final Stream<String> lines;
        private volatile boolean closed;

        Events(Stream<String> lines) {
            this.lines = lines;
            Thread reader = new Thread(this::readUntilClosed, "events");
            reader.setDaemon(true);
            reader.start();
        }

        /** Closing the stream under the reader ends its waiting with an exception. */
        private void readUntilClosed() {
            try {
                read(lines);
            } catch (UncheckedIOException e) {
                if (!closed) {
                    throw e;
                }
            }
        }

        private void read(Stream<String> from) {
            List<String> name = new ArrayList<>();
            from.forEach(line -> {
                if (line.startsWith(":")) {
                    comments.add(line);
                } else if (line.startsWith("event: ")) {
                    name.add(line.substring("event: ".length()));
                } else if (line.startsWith("data: ")) {
                    heard.add(new Event(name.get(name.size() - 1), parsed(line.substring("data: ".length()))));
                }
            });
        }

        private static JsonNode parsed(String text) {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new IllegalStateException(text, e);
            }
        }

        List<JsonNode> named(String name) {
            return heard.stream()
                    .filter(event -> event.name().equals(name))
                    .map(Event::data)
                    // What a policy says of the same processes comes and goes with them.
                    .filter(data -> data.path("kind").asText("drift").equals("drift"))
                    .toList();
        }

        int beats() {
            return comments.size();
        }

        void close() {
            closed = true;
            lines.close();
        }

        private record Event(String name, JsonNode data) {}
    }
}
