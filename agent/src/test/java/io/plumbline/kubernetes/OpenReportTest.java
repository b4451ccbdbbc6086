package io.plumbline.kubernetes;

import static io.plumbline.SketchedReport.container;
import static io.plumbline.kubernetes.QuickPublisher.NOON;
import static io.plumbline.kubernetes.QuickPublisher.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.plumbline.SketchedReport;
import io.plumbline.kubernetes.ClusterPublisher.What;
import io.plumbline.kubernetes.ReportsServer.Write;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenReportTest {
    @TempDir
    private Path directory;

    private ReportsServer server;
    private QuickPublisher publisher;

    @BeforeEach
    void start() throws IOException, KubeletException {
        server = new ReportsServer();
        publisher = new QuickPublisher(server.client(directory), What.OPENREPORTS);
    }

    @AfterEach
    void end() {
        publisher.close();
        server.close();
    }

    @Test
    void aNodesFailuresAreOneClusterReportThatGoesWithTheNode() throws IOException {
        publisher.scanned(SketchedReport.at(NOON)
                .shows(Severity.CRITICAL, "capabilities", container("shop", "web-1"), "web")
                .shows(Severity.HIGH, "kubelet-read-only-port", container("", ""), "")
                .excepts(Severity.HIGH, "seccomp", container("shop", "old"))
                .couldNotLook(container("shop", "db"), "seccomp"));
        Write write = written();
        assertThat(write.path()).isEqualTo("/apis/openreports.io/v1alpha1/clusterreports/plumbline-node1");
        assertThat(write.method()).isEqualTo("PATCH");
        assertThat(write.query()).contains("fieldManager=plumbline-agent").contains("force=true");
        assertThat(write.body().at("/metadata/ownerReferences/0/uid").asText()).isEqualTo("uid-1");
        assertThat(write.body()
                        .at("/metadata/labels/app.kubernetes.io~1managed-by")
                        .asText())
                .isEqualTo("plumbline-agent");
        assertThat(write.body().get("summary").toString())
                .isEqualTo("{\"pass\":0,\"fail\":2,\"warn\":0,\"error\":1,\"skip\":1}");
        assertThat(write.body().get("results")).hasSize(2);
        JsonNode first = write.body().at("/results/0");
        assertThat(first.get("policy").asText()).isEqualTo("capabilities");
        assertThat(first.get("result").asText()).isEqualTo("fail");
        assertThat(first.get("severity").asText()).isEqualTo("critical");
        assertThat(first.at("/resources/0/kind").asText()).isEqualTo("Pod");
        assertThat(first.at("/resources/0/uid").asText()).isEqualTo("uid-of-web-1");
        assertThat(first.at("/properties/container").asText()).isEqualTo("main");
        assertThat(first.at("/timestamp/seconds").asLong()).isEqualTo(NOON.getEpochSecond());
        assertThat(write.body().at("/results/1/resources/0/kind").asText()).isEqualTo("Node");
        assertIsOne(write.body());
    }

    @Test
    void itStaysSmallAndSaysThatItIsNotAll() throws IOException {
        SketchedReport many = SketchedReport.at(NOON);
        for (int pod = 0; pod < 500; pod++) {
            many.shows(Severity.HIGH, "seccomp", container("n".repeat(80), "p\u001b[31m" + "x".repeat(400) + pod), "w");
        }
        publisher.scanned(many);
        Write write = written();
        assertThat(write.body().get("results")).hasSize(OpenReport.MOST_RESULTS);
        assertThat(write.body().at("/summary/fail").asInt()).isEqualTo(500);
        assertThat(write.body().at("/configuration/limits/maxResults").asInt()).isEqualTo(OpenReport.MOST_RESULTS);
        assertThat(write.body().toString().length()).isLessThan(64 << 10);
        assertThat(write.body().toString()).doesNotContain("\\u001B").doesNotContain("\u001b");
        assertIsOne(write.body());
    }

    @Test
    void whatIsPutRightIsGoneFromIt() throws IOException {
        publisher.scanned(SketchedReport.at(NOON).shows(Severity.HIGH, "seccomp", container("shop", "web")));
        written();
        publisher.scanned(SketchedReport.at(NOON));
        await().atMost(SOON).until(() -> server.taken().size() == 2);
        JsonNode last = server.taken().get(1).body();
        assertThat(last.get("results")).isEmpty();
        assertThat(last.at("/summary/fail").asInt()).isZero();
        assertIsOne(last);
    }

    @Test
    void aClusterWithoutOpenReportsIsToldAndTriedAgain() {
        server.refusing(404, 403);
        publisher.scanned(SketchedReport.at(NOON));
        written();
        Map<String, Integer> all = Map.of("clusterreport refused", 2, "clusterreport written", 1);
        await().atMost(SOON).until(() -> publisher.counted().equals(all));
    }

    @Test
    void theSchemaFindsAFieldThatTheApiDoesNotHave() throws IOException {
        JsonNode wrong = new ObjectMapper()
                .readTree("{\"apiVersion\": \"openreports.io/v1alpha1\", \"kind\": \"ClusterReport\", \"metadata\": {},"
                        + " \"results\": [{\"policy\": \"a\", \"severity\": \"HIGH\", \"when\": 1}]}");
        assertThat(JsonSchemaFactory.getInstance(VersionFlag.V202012)
                        .getSchema(schema())
                        .validate(wrong))
                .hasSize(2);
    }

    private void assertIsOne(JsonNode object) throws IOException {
        assertThat(JsonSchemaFactory.getInstance(VersionFlag.V202012)
                        .getSchema(schema())
                        .validate(object))
                .isEmpty();
    }

    private static JsonNode schema() throws IOException {
        try (InputStream in = OpenReportTest.class.getResourceAsStream("/openreports/clusterreport.schema.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private Write written() {
        return await().atMost(SOON)
                .until(() -> server.taken().stream().findFirst(), Optional::isPresent)
                .orElseThrow();
    }
}
