package io.plumbline.kubernetes;

import static io.plumbline.SketchedProfiles.profile;
import static io.plumbline.kubernetes.QuickPublisher.NOON;
import static io.plumbline.kubernetes.QuickPublisher.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.plumbline.SketchedProfiles;
import io.plumbline.SketchedReport;
import io.plumbline.kubernetes.ClusterPublisher.What;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NodeReadinessTest {
    private static final String NEW_NODE = """
        {"apiVersion": "v1", "kind": "Node",
         "metadata": {"name": "node1", "uid": "uid-1", "labels": {"pool": "a"}},
         "spec": {"taints": [{"key": "a.example/first", "effect": "NoSchedule"},
          {"key": "plumbline.io/profiles-not-ready", "effect": "NoSchedule"},
          {"key": "plumbline.io/profiles-not-ready", "effect": "NoExecute"},
          {"key": "z.example/last", "value": "x", "effect": "NoExecute"}]}}
        """;

    private static final AppArmorProfiles VERIFIED = SketchedProfiles.of(profile("web", State.VERIFIED));

    @TempDir
    private Path directory;

    private NodeServer server;
    private QuickPublisher publisher;

    @BeforeEach
    void start() throws IOException, KubeletException, GeneralSecurityException {
        server = new NodeServer(NEW_NODE);
        publisher = new QuickPublisher(server.client(directory), What.READINESS);
    }

    @AfterEach
    void end() {
        publisher.close();
        server.close();
    }

    @Test
    void aNodeWithItsProfilesSaysSoAndLosesTheTaintThatItJoinedWith() {
        seen(VERIFIED);
        await().atMost(SOON).until(() -> taints().equals(List.of("a.example/first", "z.example/last")));
        assertThat(label()).isEqualTo("ready");
        assertThat(server.node().at("/metadata/labels/pool").asText()).isEqualTo("a");
        assertThat(server.requests())
                .anySatisfy(request -> assertThat(request)
                        .startsWith("PATCH application/apply-patch+yaml")
                        .contains("fieldManager=plumbline-agent-readiness")
                        .contains("\"uid\":\"uid-1\"")
                        .doesNotContain("spec")
                        .doesNotContain("pool"));
        await().atMost(SOON).until(() -> publisher.counted().equals(Map.of("node written", 1)));
    }

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"VERIFIED", "OTHER"},
            mode = EnumSource.Mode.EXCLUDE)
    void oneProfileThatIsNotVerifiablyThereIsEnough(State state) {
        assertThat(NodeReadiness.isReady(SketchedProfiles.of(profile("web", State.VERIFIED), profile("db", state))))
                .isFalse();
    }

    @Test
    void whatOthersHaveLoadedIsNotWaitedFor() {
        assertThat(NodeReadiness.isReady(
                        SketchedProfiles.of(profile("web", State.VERIFIED), profile("docker-default", State.OTHER))))
                .isTrue();
    }

    @Test
    void aSourceThatCannotBeReadIsNoReadiness() {
        assertThat(NodeReadiness.isReady(new AppArmorProfiles(
                        VERIFIED.directory(),
                        VERIFIED.parser(),
                        VERIFIED.profiles(),
                        List.of(new ProfileError("/profiles", 0, 0, "EACCES")),
                        true)))
                .isFalse();
    }

    /** Before the first list of objects nothing is wanted, and that is no readiness. */
    @Test
    void aNodeIsNotReadyAsLongAsItIsNotKnownWhatIsWanted() {
        seen(new AppArmorProfiles(VERIFIED.directory(), VERIFIED.parser(), List.of(), List.of(), false));
        nothingIsWritten();
    }

    private void nothingIsWritten() {
        await().atMost(SOON).until(() -> publisher.counted().equals(Map.of("node written", 1)));
        assertThat(server.requests()).containsExactly("GET");
        assertThat(taints()).hasSize(4);
    }

    @Test
    void theLabelGoesWhenAProfileGoesAndComesBackWithIt() {
        seen(VERIFIED);
        await().atMost(SOON).until(() -> label().equals("ready"));
        seen(SketchedProfiles.of(profile("web", State.MISSING)));
        await().atMost(SOON).until(() -> label().isEmpty());
        assertThat(taints()).as("it is no start any more").hasSize(2);
        seen(VERIFIED);
        await().atMost(SOON).until(() -> label().equals("ready"));
    }

    @Test
    void nothingIsPatchedThatIsAsItShouldBe() throws IOException {
        server.change(NEW_NODE.replace("\"pool\": \"a\"", "\"plumbline.io/profiles\": \"ready\"")
                .replace("plumbline.io/profiles-not-ready", "b.example/other"));
        seen(VERIFIED);
        await().atMost(SOON).until(() -> publisher.counted().equals(Map.of("node written", 1)));
        assertThat(server.requests()).containsExactly("GET");
    }

    @Test
    void aTaintThatSomebodyElsePutsBeforeItMeanwhileIsNotTakenInItsPlace() {
        server.becomingMeanwhile(NEW_NODE.replace(
                "\"taints\": [", "\"taints\": [{\"key\": \"node.example/new\", \"effect\": \"NoExecute\"}, "));
        seen(VERIFIED);
        await().atMost(SOON)
                .until(() -> taints().equals(List.of("node.example/new", "a.example/first", "z.example/last")));
        assertThat(publisher.counted().get("node refused")).isEqualTo(1);
    }

    @Test
    void aNewNodeOfTheSameNameIsLookedAtAnew() {
        server.becomingMeanwhile(NEW_NODE.replace("uid-1", "uid-2"));
        seen(VERIFIED);
        await().atMost(SOON).until(() -> label().equals("ready") && taints().size() == 2);
        assertThat(publisher.counted().get("node refused")).isEqualTo(1);
        assertThat(server.node().at("/metadata/uid").asText()).isEqualTo("uid-2");
    }

    @Test
    void refusalsAreSurvived() {
        server.refusing(403, 409, 422, 429, 500, 503);
        seen(VERIFIED);
        await().atMost(SOON).until(() -> label().equals("ready") && taints().size() == 2);
        assertThat(publisher.counted().get("node refused")).isGreaterThanOrEqualTo(6);
    }

    private List<String> taints() {
        return server.node().at("/spec/taints").findValuesAsText("key");
    }

    private String label() {
        JsonNode labels = server.node().at("/metadata/labels");
        return labels.path("plumbline.io/profiles").asText("");
    }

    private void seen(AppArmorProfiles profiles) {
        publisher.scanned(SketchedReport.at(NOON).holds(profiles));
    }
}
