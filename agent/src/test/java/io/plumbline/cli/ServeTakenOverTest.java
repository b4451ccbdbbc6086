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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One agent after another on the same node, as releases come: beside each other with {@code maxSurge}, and over what another version has left,
 * forwards and back. Whatever is open keeps its first sighting, and nothing opens or closes because of it.
 */
@Timeout(180)
class ServeTakenOverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void theNextAgentIsReadyBesideTheOneBeforeAndGoesOnFromWhereThatOneEnds() throws Exception {
        AgentProcess before = start();
        AgentProcess next = null;
        AgentProcess back = null;
        try {
            Map<String, String> truth = awaitFindings(before);

            next = start();
            URI address = addressOf(next);
            await().atMost(PATIENCE).until(() -> get(address, "/readyz").statusCode() == 200);
            assertThat(get(address, "/readyz?verbose").body())
                    .contains("[+]state is not kept: ", "another plumbline serve keeps its state there");
            assertThat(findings(address)).isEqualTo(truth);

            before.process().destroy();
            assertThat(before.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(before.process().exitValue()).isZero();
            await().atMost(PATIENCE)
                    .until(() -> get(address, "/readyz?verbose").body().contains("[+]state is kept in "));
            assertThat(findings(address)).isEqualTo(truth);
            next.kill();
            assertThat(Files.readString(next.err()))
                    .doesNotContainPattern("\"formattedMessage\":\"(opened|closed) ")
                    .doesNotContain("starting afresh");

            // Back to a version that knows less than the one that wrote: a field more, and a finding of a kind of its
            // own.
            Path file = directory.resolve("state/findings.json");
            String written = Files.readString(file);
            Files.writeString(
                    file,
                    written.replaceFirst(
                            "\\{\"id\":",
                            "{\"id\":\"0\",\"kind\":\"rumour\",\"check\":\"hearsay\",\"severity\":\"high\",\"likely\":true},{\"id\":"));
            back = start();
            assertThat(awaitFindings(back)).isEqualTo(truth);
            assertThat(Files.readString(back.err()))
                    .contains("1 of " + (truth.size() + 1) + " findings are of a kind or a severity that this version"
                            + " does not know")
                    .doesNotContainPattern("\"formattedMessage\":\"(opened|closed) ");
        } finally {
            before.kill();
            if (next != null) {
                next.kill();
            }
            if (back != null) {
                back.kill();
            }
        }
    }

    private AgentProcess start() throws IOException {
        return AgentProcess.start(
                directory,
                "--scan-interval=100ms",
                "--pods=" + CapturedNode.kubernetes().resolve("kubelet-pods.json"));
    }

    private URI addressOf(AgentProcess agent) throws IOException {
        await().atMost(PATIENCE).until(() -> agent.address().isPresent());
        return agent.address().orElseThrow();
    }

    /** All that it finds, once they are open and written down. */
    private Map<String, String> awaitFindings(AgentProcess agent) throws IOException, InterruptedException {
        URI address = addressOf(agent);
        await().atMost(PATIENCE).until(() -> {
            JsonNode open = Files.exists(directory.resolve("state/findings.json"))
                    ? JSON.readTree(directory.resolve("state/findings.json").toFile())
                            .path("open")
                    : JSON.createArrayNode();
            return !open.isEmpty() && findings(address).size() == open.size();
        });
        return findings(address);
    }

    private Map<String, String> findings(URI address) throws IOException, InterruptedException {
        Map<String, String> found = new TreeMap<>();
        JSON.readTree(get(address, "/api/v1/findings?limit=500").body())
                .path("findings")
                .forEach(finding -> found.put(
                        finding.path("id").asText(), finding.path("firstSeen").asText()));
        return found;
    }

    private HttpResponse<String> get(URI address, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofString());
    }
}
