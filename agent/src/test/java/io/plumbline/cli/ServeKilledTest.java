package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.AgentProcess;
import io.plumbline.CapturedNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code plumbline serve}, killed a hundred times at random moments between its start and some scans later: whatever it was about to write,
 * the next one finds a whole state, with the same ids and the same first sightings.
 */
@Timeout(400)
class ServeKilledTest {
    private static final int KILLS = 50;
    private static final int LOOKED_AT = 25;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory;

    @Test
    void killedAHundredTimesItKeepsItsIdsAndFirstSightings() throws Exception {
        ExecutorService pair = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> halves = new ArrayList<>();
            for (String name : List.of("one", "another")) {
                Path home = Files.createDirectory(directory.resolve(name));
                halves.add(pair.submit(() -> {
                    killAgainAndAgain(home, new Random(name.hashCode()));
                    return home;
                }));
            }
            for (Future<?> half : halves) {
                half.get();
            }
        } finally {
            pair.shutdownNow();
        }
    }

    private static void killAgainAndAgain(Path home, Random random) throws IOException, InterruptedException {
        Map<String, String> truth;
        Map<String, String> shown;
        long start = System.nanoTime();
        Agent first = new Agent(home);
        try {
            await().atMost(PATIENCE)
                    .until(() ->
                            !first.findings().isEmpty() && !remembered(home).isEmpty());
            truth = remembered(home);
            shown = first.findings();
            assertThat(shown).hasSameSizeAs(truth);
        } finally {
            first.kill();
        }
        // By then a start is over, and some scans too.
        int longest = (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        for (int round = 0; round < KILLS; round++) {
            Agent agent = new Agent(home);
            try {
                if (round % LOOKED_AT == LOOKED_AT - 1) {
                    await().atMost(PATIENCE).until(() -> !agent.findings().isEmpty());
                    assertThat(agent.findings()).isEqualTo(shown);
                } else {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(longest));
                }
            } finally {
                agent.kill();
            }
            assertThat(remembered(home)).as("after kill %d", round).isEqualTo(truth);
            assertThat(home.resolve("state/findings.json.bad")).doesNotExist();
        }
    }

    private static Map<String, String> remembered(Path home) throws IOException {
        Path file = home.resolve("state/findings.json");
        return Files.exists(file) ? sightings(JSON.readTree(file.toFile()).path("open")) : Map.of();
    }

    private static Map<String, String> sightings(JsonNode findings) {
        Map<String, String> sightings = new TreeMap<>();
        findings.forEach(finding -> sightings.put(
                finding.path("id").asText(), finding.path("firstSeen").asText()));
        return sightings;
    }

    private static final class Agent {
        private final HttpClient client = HttpClient.newHttpClient();
        private final AgentProcess process;

        Agent(Path home) throws IOException {
            process = AgentProcess.start(
                    home,
                    "--scan-interval=100ms",
                    "--pods=" + CapturedNode.kubernetes().resolve("kubelet-pods.json"));
        }

        /** By id, with their first sightings; none while it does not answer yet. */
        Map<String, String> findings() throws IOException, InterruptedException {
            Optional<URI> address = process.address();
            if (address.isEmpty()) {
                return Map.of();
            }
            HttpRequest request = HttpRequest.newBuilder(address.get().resolve("/api/v1/findings?limit=500"))
                    .build();
            return sightings(
                    JSON.readTree(client.send(request, BodyHandlers.ofString()).body())
                            .path("findings"));
        }

        void kill() throws InterruptedException {
            process.kill();
        }
    }
}
