package io.plumbline.kubernetes;

import static io.plumbline.SketchedReport.container;
import static io.plumbline.kubernetes.QuickPublisher.NOON;
import static io.plumbline.kubernetes.QuickPublisher.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.plumbline.SketchedReport;
import io.plumbline.kubernetes.ClusterPublisher.What;
import io.plumbline.kubernetes.ReportsServer.Write;
import io.plumbline.model.Finding;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPublisherTest {
    @TempDir
    private Path directory;

    private ReportsServer server;
    private QuickPublisher publisher;

    @BeforeEach
    void start() throws IOException, KubeletException {
        server = new ReportsServer();
        publisher = new QuickPublisher(server.client(directory), What.REPORT, What.EVENTS);
    }

    @AfterEach
    void end() {
        publisher.close();
        server.close();
    }

    @Test
    void theReportIsAppliedByItsOneManagerAndGoesWithItsNode() {
        publisher.scanned(SketchedReport.at(NOON)
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
        publisher.scanned(many);
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
        publisher.scanned(report);
        first("/apis/plumbline.io/v1alpha1/nodereports/node1");
        for (int again = 0; again < 5; again++) {
            publisher.scanned(report);
            Thread.sleep(300);
        }
        assertThat(server.writes()).hasSize(1);
        publisher.scanned(SketchedReport.at(NOON));
        await().atMost(SOON).until(() -> server.taken().size() == 2);
    }

    @Test
    void refusalsOfEveryKindAndCutConnectionsAreSurvived() {
        server.refusing(401, 403, 404, 409, 410, 429, 500, 503, 0);
        publisher.scanned(SketchedReport.at(NOON));
        await().atMost(SOON).until(() -> publisher.counted().getOrDefault("nodereport written", 0) == 1);
        assertThat(server.taken()).hasSize(1);
        assertThat(server.writes()).hasSize(10);
        // of a 401 the library makes a second attempt of its own, with the token read again
        assertThat(publisher.counted().get("nodereport refused")).isGreaterThanOrEqualTo(8);
    }

    @Test
    void aNodeThatWasReplacedUnderItsNameOwnsTheReport() {
        publisher.scanned(SketchedReport.at(NOON));
        first("/apis/plumbline.io/v1alpha1/nodereports/node1");
        server.replaceNode();
        server.refusing(409);
        publisher.scanned(SketchedReport.at(NOON).shows(Severity.HIGH, "seccomp", container("shop", "web")));
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
        publisher.opened(report.findings().get(0));
        publisher.opened(report.findings().get(1));
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
            publisher.opened(report.findings().get(finding));
        }
        await().during(Duration.ofSeconds(4)).atMost(SOON).until(() -> events() <= 12);
        assertThat(events()).isGreaterThanOrEqualTo(10);
        assertThat(publisher.counted().get("event dropped")).isGreaterThanOrEqualTo(200 - 64 - 12);
    }

    @Test
    void anEventThatIsThereAlreadyIsAsGoodAsANewOne() {
        server.refusing(409);
        ScanReport report = SketchedReport.at(NOON)
                .shows(Severity.HIGH, "seccomp", container("shop", "web"))
                .report();
        publisher.opened(report.findings().get(0));
        await().atMost(SOON).until(() -> publisher.counted().getOrDefault("event written", 0) == 1);
        assertThat(publisher.counted()).doesNotContainKey("event refused");
    }

    /** As when a namespace is deleted while its pods drift: what nobody takes must not stand before what somebody would. */
    @Test
    void anEventThatCanNeverBeWrittenHoldsUpNoOther() {
        server.ending("going").refusing(404);
        ScanReport report = SketchedReport.at(NOON)
                .shows(Severity.HIGH, "seccomp", container("gone", "web"))
                .shows(Severity.HIGH, "seccomp", container("going", "web"))
                .shows(Severity.HIGH, "seccomp", container("shop", "web"))
                .report();
        report.findings().forEach(publisher::opened);
        await().atMost(SOON).until(() -> publisher.counted().containsKey("event written"));
        assertThat(events()).isEqualTo(3);
        assertThat(publisher.counted())
                .containsEntry("event dropped", 2)
                .containsEntry("event written", 1)
                .doesNotContainKey("event refused");
    }

    /** A node is drained while Events wait for their turn. */
    @Test
    void anEventThatWaitsIsNotSentWhenItsPodIsGone() {
        SketchedReport storm = SketchedReport.at(NOON);
        for (int pod = 0; pod < 30; pod++) {
            storm.shows(Severity.HIGH, "seccomp", container("shop", "web-" + pod), "web");
        }
        List<Finding> findings = storm.report().findings();
        findings.forEach(publisher::opened);
        await().atMost(SOON).until(() -> publisher.counted().getOrDefault("event written", 0) >= 10);
        findings.forEach(publisher::gone);
        assertThat(publisher.counted().get("event dropped")).isBetween(18, 20);
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
}
