package io.plumbline.kubernetes;

import static io.plumbline.kubernetes.KubeletStub.json;
import static io.plumbline.kubernetes.KubeletStub.raw;
import static io.plumbline.kubernetes.KubeletStub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.model.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the cluster about a caller, byte for byte, over TLS; and what becomes of answers that are none. */
class AccessReviewsTest {

    private static final String TOKENS = "/apis/authentication.k8s.io/v1/tokenreviews";
    private static final String RIGHTS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    private static final Caller ALICE =
            new Caller("alice", "u-1", List.of("system:authenticated"), Map.of("scopes", List.of("a", "b")));

    @TempDir
    private Path directory;

    private KubeletStub server;
    private ApiServerClient client;
    private AccessReviews reviews;

    @BeforeEach
    void start() throws Exception {
        TestCertificates certificates = TestCertificates.made();
        server = KubeletStub.withTls(certificates.server(TestCertificates.KUBELET), false);
        Path account = Files.createDirectories(directory.resolve("var/run/secrets/kubernetes.io/serviceaccount"));
        Files.copy(certificates.pem(TestCertificates.CA), account.resolve("ca.crt"));
        Files.writeString(account.resolve("token"), "of-the-agent\n");
        client = ApiServerClient.inCluster(
                        Map.of(
                                "KUBERNETES_SERVICE_HOST",
                                "127.0.0.1",
                                "KUBERNETES_SERVICE_PORT",
                                Integer.toString(server.url().getPort())),
                        directory)
                .orElseThrow();
        reviews = client.reviews();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void ownerOfATokenIsWhoTheClusterSays() throws Exception {
        server.on(TOKENS, json("""
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "t"}, "status": {
                  "authenticated": true, "user": {"username": "alice", "uid": "u-1", "groups": ["system:authenticated"],
                  "extra": {"scopes": ["a", "b"]}}}}
                """));
        assertThat(reviews.whose("t")).contains(ALICE);
        assertThat(sent().path("spec").path("token").asText()).isEqualTo("t");
        assertThat(server.requests().get(0)).contains("Authorization: Bearer of-the-agent\n");
    }

    /** The kubelet puts a new token into the file long before the old one ends. */
    @Test
    void agentShowsTheTokenThatItsFileHasNow() throws Exception {
        server.on(TOKENS, json("{\"kind\": \"TokenReview\", \"apiVersion\": \"authentication.k8s.io/v1\"}"));
        assertThat(reviews.whose("t")).isEmpty();
        Files.writeString(directory.resolve("var/run/secrets/kubernetes.io/serviceaccount/token"), "renewed\n");
        assertThat(reviews.whose("t")).isEmpty();
        assertThat(server.requests().get(1)).contains("Authorization: Bearer renewed\n");
    }

    /** As a projected volume is changed: the files are links through a link that is replaced. */
    @Test
    void authorityAndTokenThatAreRotatedUnderWayAreThoseOfTheirFiles() throws Exception {
        server.on(TOKENS, json("{\"kind\": \"TokenReview\", \"apiVersion\": \"authentication.k8s.io/v1\"}"));
        Path account = directory.resolve("var/run/secrets/kubernetes.io/serviceaccount");
        for (String name : List.of("ca.crt", "token")) {
            Files.delete(account.resolve(name));
            Files.createSymbolicLink(account.resolve(name), Path.of("..data", name));
        }
        TestCertificates certificates = TestCertificates.made();
        project(account, "..1", certificates.pem(TestCertificates.OTHER_CA), "first");
        assertThatThrownBy(() -> reviews.whose("t")).isInstanceOf(IOException.class);
        assertThat(server.requests()).isEmpty();

        project(account, "..2", certificates.pem(TestCertificates.OTHER_CA, TestCertificates.CA), "second");
        assertThat(reviews.whose("t")).isEmpty();
        assertThat(server.requests()).singleElement().asString().contains("Authorization: Bearer second\n");
    }

    private static void project(Path volume, String name, Path authority, String token) throws IOException {
        Path version = Files.createDirectory(volume.resolve(name));
        Files.copy(authority, version.resolve("ca.crt"));
        Files.writeString(version.resolve("token"), token);
        Path aside = Files.createSymbolicLink(volume.resolve("..data_tmp"), Path.of(name));
        Files.move(aside, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void tokenOfNobodyIsNobodys() throws Exception {
        server.on(TOKENS, json("""
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                 "status": {"authenticated": false, "error": "invalid bearer token"}}
                """));
        assertThat(reviews.whose("t")).isEmpty();
    }

    @Test
    void tokenThatIsKnownButBelongsToNobodyIsNobodys() throws Exception {
        server.on(TOKENS, json("""
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "status": {"authenticated": true}}
                """));
        assertThat(reviews.whose("t")).isEmpty();
    }

    @Test
    void rightsAreAskedForTheCallerAndNotForTheAgent() throws Exception {
        server.on(RIGHTS, json("""
                {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "status": {"allowed": true}}
                """));
        assertThat(reviews.mayGet(ALICE, "/metrics")).isTrue();
        JsonNode spec = sent().path("spec");
        assertThat(spec.path("user").asText()).isEqualTo("alice");
        assertThat(spec.path("uid").asText()).isEqualTo("u-1");
        assertThat(spec.path("groups").path(0).asText()).isEqualTo("system:authenticated");
        assertThat(spec.path("extra").path("scopes").path(1).asText()).isEqualTo("b");
        assertThat(spec.path("nonResourceAttributes").path("path").asText()).isEqualTo("/metrics");
        assertThat(spec.path("nonResourceAttributes").path("verb").asText()).isEqualTo("get");

        assertThat(reviews.mayGetPods(ALICE, "shop")).isTrue();
        JsonNode pods = sent().path("spec").path("resourceAttributes");
        assertThat(pods.path("namespace").asText()).isEqualTo("shop");
        assertThat(pods.path("resource").asText()).isEqualTo("pods");
        assertThat(pods.path("verb").asText()).isEqualTo("get");
        // An empty name is all of them.
        assertThat(pods.path("name").asText("")).isEmpty();
    }

    @Test
    void silenceIsNoYes() throws Exception {
        server.on(RIGHTS, json("{\"apiVersion\": \"authorization.k8s.io/v1\", \"kind\": \"SubjectAccessReview\"}"));
        assertThat(reviews.mayGet(ALICE, "/metrics")).isFalse();
    }

    @Test
    void refusalNamesTheRuleThatIsMissing() {
        server.on(
                TOKENS,
                status("403 Forbidden", "{\"kind\": \"Status\", \"code\": 403}", "Content-Type: application/json"));
        assertThatThrownBy(() -> reviews.whose("secret-of-a-caller"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("may not create tokenreviews.authentication.k8s.io")
                .hasMessageNotContaining("secret-of-a-caller");
    }

    @Test
    void noAnswerIsOneLineThatTellsWhy() throws Exception {
        server.on(
                TOKENS, raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"kind"));
        assertThatThrownBy(() -> reviews.whose("t"))
                .isInstanceOf(IOException.class)
                .satisfies(AccessReviewsTest::isOneLine);
        server.on(TOKENS, json("<html>"));
        assertThatThrownBy(() -> reviews.whose("t"))
                .isInstanceOf(IOException.class)
                .satisfies(AccessReviewsTest::isOneLine);
        server.close();
        assertThatThrownBy(() -> reviews.whose("t"))
                .isInstanceOf(IOException.class)
                .satisfies(AccessReviewsTest::isOneLine)
                .hasMessageNotContaining("An error has occurred");
    }

    private static void isOneLine(Throwable failure) {
        assertThat(failure.getMessage().lines()).hasSize(1);
        assertThat(failure).hasMessageContaining("https://127.0.0.1:");
    }

    private JsonNode sent() throws IOException {
        String last = server.requests().get(server.requests().size() - 1);
        return new JsonMapper().readTree(last.substring(last.indexOf("\n\n") + 2));
    }
}
