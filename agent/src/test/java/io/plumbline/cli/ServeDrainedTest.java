package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.AgentProcess;
import io.plumbline.CapturedNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The captured node, drained beside an agent: its pods are told to end, take their time, and go one after the other, as a kubelet does it: the
 * processes first, then the pod from its list.
 */
@Timeout(180)
class ServeDrainedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private URI address = URI.create("http://127.0.0.1/");

    /** Not a directory of JUnit's: it complains of links of processes that lead out of it. */
    private final Path directory = Files.createTempDirectory(Path.of("target"), "drained");

    ServeDrainedTest() throws IOException {}

    @AfterEach
    void remove() throws IOException, InterruptedException {
        new ProcessBuilder("rm", "-rf", directory.toString()).start().waitFor();
    }

    @Test
    void findingsEndWithTheirPodsAndNobodyIsAccusedMeanwhile() throws Exception {
        Path proc = directory.resolve("proc");
        Process copy = new ProcessBuilder(
                        "cp", "-a", CapturedNode.kubernetes().resolve("proc").toString(), proc.toString())
                .inheritIO()
                .start();
        assertThat(copy.waitFor()).isZero();
        ObjectNode list = (ObjectNode) JSON.readTree(
                CapturedNode.kubernetes().resolve("kubelet-pods.json").toFile());
        Path pods = directory.resolve("pods.json");
        write(list, pods);
        AgentProcess agent = AgentProcess.startOver(proc, directory, "--scan-interval=100ms", "--pods=" + pods);
        try {
            await().atMost(PATIENCE).until(() -> agent.address().isPresent());
            address = agent.address().orElseThrow();
            await().atMost(PATIENCE)
                    .until(() ->
                            get("/readyz").statusCode() == 200 && !findings().isEmpty());
            awaitScans();
            Map<String, String> left = findings();
            assertThat(left).containsValue("shop");

            list.get("items")
                    .forEach(pod -> ((ObjectNode) pod.get("metadata"))
                            .put("deletionTimestamp", "2026-11-20T12:00:00Z")
                            .put("deletionGracePeriodSeconds", 30));
            write(list, pods);
            awaitScans();
            assertThat(findings()).isEqualTo(left);

            ArrayNode items = (ArrayNode) list.get("items");
            while (!items.isEmpty()) {
                // The processes of one end while the one before goes from the list.
                end(proc, items.get(0).at("/metadata/uid").asText());
                awaitScans();
                Map<String, String> now = findings();
                assertThat(left).containsAllEntriesOf(now);
                left = now;
                items.remove(0);
                write(list, pods);
            }
            awaitScans();
            assertThat(left).containsAllEntriesOf(findings());
            assertThat(left).as("what is of no pod").doesNotContainValue("shop");
            assertThat(get("/readyz?verbose").statusCode()).isEqualTo(200);
            assertThat(JSON.readTree(get("/api/v1/pods").body()).path("total").asInt())
                    .isZero();
            assertThat(get("/api/v1/node").body()).contains("\"stale\":false");
        } finally {
            agent.kill();
        }
    }

    /** All processes in the pod's cgroup. */
    private static void end(Path proc, String uid) throws IOException {
        List<Path> ended = new ArrayList<>();
        try (Stream<Path> all = Files.list(proc)) {
            for (Path process : all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                if (Files.readString(process.resolve("cgroup")).contains(uid)) {
                    ended.add(process);
                }
            }
        }
        for (Path process : ended) {
            // At once, as for the kernel.
            Files.move(process, proc.resolveSibling("ended-" + process.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void write(ObjectNode list, Path pods) throws IOException {
        Path aside = Files.writeString(directory.resolve("pods.new"), list.toString());
        Files.move(aside, pods, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The one under way may have begun before; a finding opens with the second that shows it. */
    private void awaitScans() throws IOException, InterruptedException {
        double enough = scans() + 3;
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> scans() >= enough);
    }

    private double scans() throws IOException, InterruptedException {
        String count = "plumbline_scan_duration_seconds_count ";
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(count))
                .mapToDouble(line -> Double.parseDouble(line.substring(count.length())))
                .sum();
    }

    /** By id, first sighting and check, of which namespace. */
    private Map<String, String> findings() throws IOException, InterruptedException {
        Map<String, String> found = new TreeMap<>();
        for (JsonNode finding :
                JSON.readTree(get("/api/v1/findings?limit=500").body()).path("findings")) {
            found.put(
                    finding.path("id").asText() + " "
                            + finding.path("firstSeen").asText() + " "
                            + finding.path("check").asText(),
                    finding.path("namespace").asText());
        }
        return found;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofString());
    }
}
