package io.plumbline.kubernetes;

import static io.plumbline.SketchedReport.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.plumbline.SketchedReport;
import io.plumbline.kubernetes.ApiServerStub.Write;
import io.plumbline.kubernetes.ClusterPublisher.What;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.FindingChange;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPublisherTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(20);

    /** As an agent's, but for the unit: seconds are milliseconds. */
    private static final Cadence.Pauses QUICK = new Cadence.Pauses(
            Duration.ofMillis(30), Duration.ofMinutes(30), Duration.ofMillis(5), Duration.ofMillis(600));

    @TempDir
    private Path directory;

    private final Map<String, Integer> counted = new ConcurrentHashMap<>();
    private ApiServerStub server;
    private ApiServerClient client;
    private ClusterPublisher publisher;

    @BeforeEach
    void start() throws IOException, KubeletException {
        server = new ApiServerStub();
        client = server.client(directory);
        publisher = client.publisher(
                "node1",
                Set.of(What.REPORT, What.EVENTS),
                "1.2.3",
                InstantSource.fixed(NOON),
                (object, result) -> counted.merge(object + " " + result, 1, Integer::sum),
                () -> new Cadence(new Random(1), System.nanoTime(), QUICK),
                new Cadence(new Random(2), System.nanoTime(), QUICK));
    }

    @AfterEach
    void end() {
        publisher.close();
        client.close();
        server.close();
    }

    @Test
    void theReportIsAppliedByItsOneManagerAndGoesWithItsNode() {
        scan(SketchedReport.at(NOON)
                .shows(Severity.CRITICAL, "capabilities", container("shop", "web-1"), "web")
                .couldNotLook(container("shop", "db"), "seccomp"));
        Write write = first("/apis/plumbline.io/v1alpha1/nodereports/node1");
        assertThat(write.method()).isEqualTo("PATCH");
        assertThat(write.contentType()).startsWith("application/apply-patch+yaml");
        assertThat(write.query()).contains("fieldManager=plumbline-agent").contains("force=true");
        JsonNode owner = write.body().at("/metadata/ownerReferences/0");
        assertThat(owner.get("kind").asText()).isEqualTo("Node");
        assertThat(owner.get("uid").asText()).isEqualTo("uid-1");
        assertThat(owner.has("blockOwnerDeletion")).isFalse();
        assertThat(write.body().at("/metadata").has("finalizers")).isFalse();
        JsonNode status = write.body().get("status");
        assertThat(status.at("/findings/critical").asInt()).isEqualTo(1);
        assertThat(status.at("/undetermined").asInt()).isEqualTo(1);
        assertThat(status.at("/node/appArmor").asText()).isEqualTo("on");
        assertThat(status.at("/worst/0/pod").asText()).isEqualTo("web-1");
        assertThat(status.get("observedAt").asText()).isEqualTo("2026-11-20T12:00:00Z");
        assertThat(status.has("trouble")).isFalse();
    }

    @Test
    void aReportStaysSmallWhateverTheNodeHoldsAndWhateverPodsAreCalled() {
        SketchedReport many = SketchedReport.at(NOON);
        for (int pod = 0; pod < 500; pod++) {
            many.shows(Severity.HIGH, "seccomp", container("namespace", "p\u001b[31m" + "x".repeat(400) + pod), "w");
        }
        scan(many);
        Write write = first("/apis/plumbline.io/v1alpha1/nodereports/node1");
        assertThat(write.body().at("/status/worst")).hasSize(NodeReport.MOST_FINDINGS);
        assertThat(write.body().at("/status/findings/high").asInt()).isEqualTo(500);
        assertThat(write.body().toString().length()).isLessThan(16 << 10);
        assertThat(write.body().at("/status/worst/0/pod").asText())
                .doesNotContain("\u001b")
                .hasSizeLessThanOrEqualTo(253);
    }

    @Test
    void nothingNewIsNotWritten() throws InterruptedException {
        SketchedReport report = SketchedReport.at(NOON).shows(Severity.MEDIUM, "user", container("shop", "web"));
        scan(report);
        first("/apis/plumbline.io/v1alpha1/nodereports/node1");
        for (int again = 0; again < 5; again++) {
            scan(report);
            Thread.sleep(300);
        }
        assertThat(server.writes()).hasSize(1);
        scan(SketchedReport.at(NOON));
        await().atMost(SOON).until(() -> server.taken().size() == 2);
    }

    @Test
    void refusalsOfEveryKindAndCutConnectionsAreSurvived() {
        server.refusing(401, 403, 404, 409, 410, 429, 500, 503, 0);
        scan(SketchedReport.at(NOON));
        await().atMost(SOON).until(() -> counted.getOrDefault("nodereport written", 0) == 1);
        assertThat(server.taken()).hasSize(1);
        assertThat(server.writes()).hasSize(10);
        // of a 401 the library makes a second attempt of its own, with the token read again
        assertThat(counted.get("nodereport refused")).isGreaterThanOrEqualTo(8);
    }

    @Test
    void aNodeThatWasReplacedUnderItsNameOwnsTheReport() {
        scan(SketchedReport.at(NOON));
        first("/apis/plumbline.io/v1alpha1/nodereports/node1");
        server.replaceNode();
        server.refusing(409);
        scan(SketchedReport.at(NOON).shows(Severity.HIGH, "seccomp", container("shop", "web")));
        await().atMost(SOON).until(() -> server.taken().size() >= 2);
        List<Write> reports = server.taken().stream()
                .filter(write -> write.path().endsWith("/node1"))
                .toList();
        assertThat(reports.get(reports.size() - 1)
                        .body()
                        .at("/metadata/ownerReferences/0/uid")
                        .asText())
                .isEqualTo("uid-2");
    }

    @Test
    void anEventStandsOnThePodAndTheSameFindingHasTheSameName() {
        ScanReport report = SketchedReport.at(NOON)
                .shows(Severity.HIGH, "root-user", container("shop", "web-1"), "web")
                .shows(Severity.MEDIUM, "user", container("shop", "web-1"), "web")
                .shows(Severity.CRITICAL, "host-mount", container("", "lone"), "")
                .report();
        opens(report, 0);
        opens(report, 1);
        server.refusing();
        Write event = first("/apis/events.k8s.io/v1/namespaces/shop/events");
        assertThat(event.body().at("/regarding/uid").asText()).isEqualTo("uid-of-web-1");
        assertThat(event.body().get("reason").asText()).isEqualTo("RootUser");
        assertThat(event.body().get("type").asText()).isEqualTo("Warning");
        assertThat(event.body().get("eventTime").asText()).isEqualTo("2026-11-20T12:00:00.000000Z");
        assertThat(event.body().get("note").asText()).contains("message of root-user");
        assertThat(server.taken().stream().filter(write -> write.path().endsWith("/events")))
                .as("of severity medium there is none")
                .allMatch(write -> !write.body().toString().contains("message of user"));
    }

    @Test
    void manyFindingsAtOnceAreFewEvents() {
        SketchedReport storm = SketchedReport.at(NOON);
        for (int pod = 0; pod < 200; pod++) {
            storm.shows(Severity.HIGH, "seccomp", container("shop", "web-" + pod), "web");
        }
        ScanReport report = storm.report();
        for (int finding = 0; finding < 200; finding++) {
            opens(report, finding);
        }
        await().during(Duration.ofSeconds(4)).atMost(SOON).until(() -> events() <= 12);
        assertThat(events()).isGreaterThanOrEqualTo(10);
        assertThat(counted.get("event dropped")).isGreaterThanOrEqualTo(200 - 64 - 12);
    }

    @Test
    void anEventThatIsThereAlreadyIsAsGoodAsANewOne() {
        server.refusing(409);
        opens(
                SketchedReport.at(NOON)
                        .shows(Severity.HIGH, "seccomp", container("shop", "web"))
                        .report(),
                0);
        await().atMost(SOON).until(() -> counted.getOrDefault("event written", 0) == 1);
        assertThat(counted).doesNotContainKey("event refused");
    }

    private long events() {
        return server.writes().stream()
                .filter(write -> write.path().endsWith("/events"))
                .count();
    }

    private Write first(String path) {
        return await().atMost(SOON)
                .until(
                        () -> server.taken().stream()
                                .filter(write -> write.path().equals(path))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private void scan(SketchedReport sketch) {
        publisher.publish(state(Optional.of(new LastScan(sketch.report(), NOON, Duration.ofMillis(30), 0))), List.of());
    }

    private void opens(ScanReport report, int finding) {
        publisher.publish(
                state(Optional.empty()),
                List.of(new FindingChange.Opened(report.findings().get(finding))));
    }

    private static AgentState state(Optional<LastScan> last) {
        return new AgentState(
                NOON.minusSeconds(60),
                Duration.ofSeconds(15),
                NOON,
                last,
                Optional.empty(),
                new DeclaredSide(false, Optional.empty(), Optional.empty()),
                new Memory(Optional.empty(), Optional.empty()));
    }
}
