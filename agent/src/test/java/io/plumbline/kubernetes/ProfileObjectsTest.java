package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.plumbline.kubernetes.WantedObjects.State;
import io.plumbline.kubernetes.WantedObjects.Wanted;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileObjectsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** As an agent's, but for the unit. */
    private static final ProfileObjects.Pace QUICK = new ProfileObjects.Pace(
            new Cadence.Pauses(
                    Duration.ofMillis(5), Duration.ofMinutes(30), Duration.ofMillis(5), Duration.ofMillis(100)),
            Duration.ofMinutes(8),
            Duration.ofMillis(500));

    @TempDir
    private Path directory;

    private final AtomicInteger changes = new AtomicInteger();
    private ProfilesServer server;
    private ApiServerClient client;
    private ProfileObjects objects;

    @BeforeEach
    void prepare() throws IOException, KubeletException {
        server = new ProfilesServer();
        client = server.client(directory);
        objects = client.profileObjects("node1", QUICK);
    }

    @AfterEach
    void end() {
        objects.close();
        client.close();
        server.close();
    }

    @Test
    void whatIsThereComesWithTheListAndWhatChangesWithTheWatch() {
        server.put("web", "{\"raw\": \"profile web {}\", \"mode\": \"enforce\"}");
        start();
        await().atMost(SOON)
                .until(() ->
                        wanted().equals(List.of(new Wanted("AppArmorProfile/web", "profile web {}", false, false))));
        server.put("db", "{\"bane\": \"Name = 'db'\", \"mode\": \"complain\"}");
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/db", "AppArmorProfile/web")));
        assertThat(wanted().get(0)).isEqualTo(new Wanted("AppArmorProfile/db", "Name = 'db'", true, true));
        server.put("web", "{\"raw\": \"profile web { signal, }\"}");
        await().atMost(SOON).until(() -> wanted().get(1).text().equals("profile web { signal, }"));
        server.remove("db");
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/web")));
        assertThat(server.lists()).isEqualTo(1);
        assertThat(changes).hasValueGreaterThanOrEqualTo(4);
        assertThat(state().errors()).isEmpty();
    }

    @Test
    void beforeTheFirstListNothingIsKnownToBeUnwanted() {
        server.down(403);
        start();
        await().atMost(SOON).until(() -> !state().errors().isEmpty());
        assertThat(state().isWhole()).isFalse();
        assertThat(state().errors())
                .extracting(ProfileError::text)
                .singleElement()
                .satisfies(text -> assertThat(text)
                        .startsWith("403: ")
                        .contains("list and watch on apparmorprofiles.plumbline.io"));
        server.down(0);
        await().atMost(SOON).until(() -> state().isWhole());
        assertThat(state().errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 429, 500, 503})
    void whileTheServerIsAwayWhatWasKnownLastHolds(int status) {
        server.put("web", "{\"raw\": \"profile web {}\"}");
        start();
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/web")));
        server.down(status).cut();
        await().atMost(SOON).until(() -> !state().errors().isEmpty());
        assertThat(names()).containsExactly("AppArmorProfile/web");
        assertThat(state().isWhole()).isTrue();
        server.put("db", "{\"raw\": \"profile db {}\"}").down(0);
        await().atMost(SOON).until(() -> names().size() == 2);
        await().atMost(SOON).until(() -> state().errors().isEmpty());
    }

    @Test
    void refusalsOfEveryKindBeforeTheFirstListAreSurvived() {
        server.put("web", "{\"raw\": \"profile web {}\"}").refusing(401, 403, 404, 410, 429, 500, 503, 0);
        start();
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/web")));
    }

    @Test
    void aWatchThatWasCutGoesOnWhereItWas() {
        server.put("web", "{\"raw\": \"profile web {}\"}");
        start();
        await().atMost(SOON).until(() -> server.watches() == 1);
        for (int again = 0; again < 5; again++) {
            long before = server.watches();
            server.put("p" + again, "{\"raw\": \"profile p {}\"}");
            int count = again + 2;
            await().atMost(SOON).until(() -> names().size() == count);
            // One that is closed at once and without a word is taken for a forgotten version by the library.
            server.cut();
            await().atMost(SOON).until(() -> server.watches() > before);
        }
        assertThat(server.lists()).isEqualTo(1);
    }

    @Test
    void whatWasDeletedBehindAForgottenVersionIsNoticed() {
        server.put("web", "{\"raw\": \"profile web {}\"}").put("db", "{\"raw\": \"profile db {}\"}");
        start();
        await().atMost(SOON).until(() -> server.watches() == 1);
        server.down(500).cut();
        await().atMost(SOON).until(() -> !state().errors().isEmpty());
        server.remove("db");
        server.forget();
        server.down(0);
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/web")));
        assertThat(server.lists()).isEqualTo(2);
    }

    @Test
    void anObjectChoosesNodesByTheirLabelsAndTheirChangesAreNoticed() {
        server.put("all", "{\"raw\": \"profile all {}\", \"nodeSelector\": {}}")
                .put("a", "{\"raw\": \"profile a {}\", \"nodeSelector\": {\"pool\": \"a\"}}")
                .put("b", "{\"raw\": \"profile b {}\", \"nodeSelector\": {\"pool\": \"b\", \"zone\": \"1\"}}");
        start();
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/a", "AppArmorProfile/all")));
        assertThat(state().isWhole()).isTrue();
        server.label("\"pool\": \"b\", \"zone\": \"1\", \"more\": \"x\"");
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/all", "AppArmorProfile/b")));
    }

    @Test
    void anObjectThatSaysNothingIsNamedAndMakesNothingUnwanted() {
        server.put("both", "{\"raw\": \"profile a {}\", \"bane\": \"Name = 'a'\"}")
                .put("none", "{\"mode\": \"enforce\"}")
                .put("text", "\"profile a {}\"")
                .put("mode", "{\"raw\": \"profile a {}\", \"mode\": \"kill\\u001b\"}")
                .put("nodes", "{\"raw\": \"profile a {}\", \"nodeSelector\": [\"a\"]}")
                .put("good", "{\"raw\": \"profile good {}\"}");
        start();
        await().atMost(SOON).until(() -> names().equals(List.of("AppArmorProfile/good")));
        assertThat(state().isWhole()).isFalse();
        assertThat(state().errors())
                .extracting(ProfileError::file)
                .containsExactly(
                        "AppArmorProfile/both",
                        "AppArmorProfile/mode",
                        "AppArmorProfile/nodes",
                        "AppArmorProfile/none",
                        "AppArmorProfile/text");
        assertThat(state().errors().get(0).text()).contains("one of raw").contains("and not both");
        assertThat(state().errors().get(1).text())
                .contains("give enforce or complain")
                .doesNotContain("\u001b");
    }

    @Test
    void moreTextThanAnAgentCanKeepIsLeftOutAndSaid() {
        String large = "#" + "x".repeat(1 << 20);
        for (int each = 10; each < 28; each++) {
            server.put("p" + each, "{\"raw\": \"" + large + "\"}");
        }
        start();
        await().atMost(SOON).until(() -> !state().errors().isEmpty());
        assertThat(names()).hasSize(15);
        assertThat(state().isWhole()).isFalse();
        assertThat(state().errors()).hasSize(3).allMatch(error -> error.text().contains("larger than 16 MiB"));
    }

    private void start() {
        objects.start(changes::incrementAndGet);
    }

    private State state() {
        return objects.state();
    }

    private List<Wanted> wanted() {
        return state().profiles();
    }

    private List<String> names() {
        return wanted().stream().map(Wanted::object).toList();
    }
}
