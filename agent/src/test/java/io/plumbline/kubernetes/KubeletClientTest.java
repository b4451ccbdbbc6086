package io.plumbline.kubernetes;

import static io.plumbline.kubernetes.KubeletStub.json;
import static io.plumbline.kubernetes.KubeletStub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.CapturedNode;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kubelet with a certificate of the cluster's CA, and what it may answer. */
class KubeletClientTest {

    private static final String NO_PODS = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":null}";

    /** So that only a test of time fails for want of it. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestCertificates certificates = TestCertificates.made();
    private KubeletStub kubelet;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        kubelet = KubeletStub.withTls(certificates.server(TestCertificates.KUBELET), false)
                .on("/pods", KubeletStub.file(CapturedNode.kubernetes().resolve("kubelet-pods.json")))
                .on("/configz", KubeletStub.file(CapturedNode.kubernetes().resolve("kubelet-configz.json")));
    }

    @AfterEach
    void stop() throws IOException {
        kubelet.close();
    }

    @Test
    void tellsTheCapturedKubeletsPodsAndConfiguration() throws Exception {
        DeclaredNode node = ask(options());

        assertThat(node.source()).isEqualTo(kubelet.url().toString());
        assertThat(node.nodeName()).contains("node1");
        assertThat(node.pods()).hasSize(20);
        assertThat(node.kubelet())
                .isEqualTo(Reading.of(new KubeletConfiguration(false, "cgroupfs", "", Optional.empty())));
        assertThat(node.warnings()).isEmpty();
        assertThat(node)
                .usingRecursiveComparison()
                .ignoringFields("source", "kubelet", "cluster")
                .isEqualTo(new PodsFile(CapturedNode.kubernetes().resolve("kubelet-pods.json")).read());
    }

    @Test
    void listOf250PodsIsReadWhole() throws Exception {
        byte[] body = ManyPods.json(250);
        assertThat(body.length).isGreaterThan(2_600_000);
        kubelet.on("/pods", json(new String(body, StandardCharsets.UTF_8)));
        DeclaredNode node = ask(options());
        assertThat(node.pods()).hasSize(250);
        assertThat(node.pods()).extracting(DeclaredPod::uid).doesNotHaveDuplicates();
        assertThat(node.nodeName()).contains("node1");
    }

    @Test
    void sendsTheTokenAsItIsInItsFileAtThatMoment() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "first\n");
        try (KubeletClient client = new KubeletClient(withToken(token))) {
            client.node();
            Files.writeString(token, "second\n");
            client.node();
        }
        assertThat(kubelet.requests()).hasSize(4);
        assertThat(kubelet.requests().get(0)).contains("GET /pods ").contains("Authorization: Bearer first\n");
        assertThat(kubelet.requests().get(1)).contains("GET /configz ").contains("Authorization: Bearer first\n");
        assertThat(kubelet.requests().get(2)).contains("Authorization: Bearer second\n");
    }

    @Test
    void noPodsAreAnAnswer() throws Exception {
        kubelet.on("/pods", json(NO_PODS));
        assertThat(ask(options()).pods()).isEmpty();
        kubelet.on("/pods", json(NO_PODS.replace("null", "[]")));
        assertThat(ask(options()).pods()).isEmpty();
    }

    @Test
    void configurationThatIsRefusedLeavesThePods() throws Exception {
        kubelet.on(
                "/configz",
                status(
                        "403 Forbidden",
                        "Forbidden (user=system:serviceaccount:plumbline:agent, verb=get, resource=nodes,"
                                + " subresource(s)=[configz proxy])"));
        DeclaredNode node = ask(options());
        assertThat(node.pods()).hasSize(20);
        assertThat(node.kubelet()).isInstanceOfSatisfying(Reading.Unreadable.class, unreadable -> {
            assertThat(unreadable.source()).isEqualTo(kubelet.url() + "/configz");
            assertThat(unreadable.why())
                    .startsWith("403 Forbidden: user 'system:serviceaccount:plumbline:agent' lacks a rule")
                    .contains("'nodes/configz', verb 'get'");
        });
    }

    @Test
    void configurationThatIsNoneLeavesThePods() throws Exception {
        for (String body : List.of("", "{}", "[]", "{\"kubeletconfig\":{\"seccompDefault\":\"yes\"}}", "oops")) {
            kubelet.on("/configz", json(body));
            assertThat(ask(options()).kubelet()).as(body).isInstanceOf(Reading.Unreadable.class);
        }
    }

    @Test
    void tokenThatIsRefusedIsNamedByItsFile() throws Exception {
        kubelet.on("/pods", status("401 Unauthorized", "Unauthorized"));
        Path token = Files.writeString(directory.resolve("token"), "secret-of-ours");
        assertThat(refused(withToken(token)))
                .startsWith(kubelet.url() + "/pods: 401 Unauthorized")
                .contains("the token in " + token)
                .doesNotContain("secret-of-ours");
        assertThat(refused(options())).contains("give --kubelet-token-file");
    }

    @Test
    void missingRuleIsNamed() throws Exception {
        kubelet.on(
                "/pods",
                status(
                        "403 Forbidden",
                        "Forbidden (user=system:serviceaccount:plumbline:agent, verb=get, resource=nodes,"
                                + " subresource(s)=[pods proxy])"));
        assertThat(refused(options()))
                .contains("403 Forbidden: user 'system:serviceaccount:plumbline:agent' lacks a rule: grant")
                .contains("resource 'nodes/pods', verb 'get'");
    }

    @Test
    void olderKubeletThatWantsProxyIsToldApart() throws Exception {
        for (String subresource : List.of("subresource=proxy", "subresource(s)=[proxy]")) {
            kubelet.on(
                    "/pods",
                    status(
                            "403 Forbidden",
                            "Forbidden (user=system:serviceaccount:a:b, verb=get, resource=nodes, " + subresource
                                    + ")"));
            assertThat(refused(options()))
                    .contains("1.32 or before")
                    .contains("KubeletFineGrainedAuthz")
                    .contains("do not grant it");
        }
    }

    @Test
    void nobodyIsToldToBringCredentials() throws Exception {
        kubelet.on(
                "/pods",
                status(
                        "403 Forbidden",
                        "Forbidden (user=system:anonymous, verb=get, resource=nodes, subresource(s)=[pods proxy])"));
        assertThat(refused(options())).contains("takes us for nobody").contains("--kubelet-token-file");
    }

    @Test
    void refusalInOtherWordsIsShownShortenedAndEscaped() throws Exception {
        kubelet.on("/pods", status("403 Forbidden", "\u001b[31mno\r\nway\u202e" + "x".repeat(5000)));
        assertThat(refused(options()))
                .contains("'nodes/pods'")
                .contains("'\\u001b[31mno\\r\\nway\\u202exxx")
                .endsWith("...'")
                .hasSizeLessThan(500);
    }

    @Test
    void otherStatusesAreSaid() throws Exception {
        kubelet.on("/pods", status("500 Internal Server Error", "Authorization error (user=a, verb=get)"));
        assertThat(refused(options()))
                .contains("500: the kubelet failed, saying 'Authorization error (user=a, verb=get)'");
        kubelet.on("/pods", status("404 Not Found", "404 page not found\n"));
        assertThat(refused(options())).contains("404 Not Found").contains("is it a kubelet's address");
        kubelet.on("/pods", status("204 No Content", ""));
        assertThat(refused(options())).contains("204: not the answer of a kubelet");
    }

    @Test
    void redirectIsNotFollowed() throws Exception {
        kubelet.on("/pods", status("302 Found", "", "Location: https://127.0.0.1:1/login"));
        assertThat(refused(options())).contains("302: redirects to 'https://127.0.0.1:1/login', which is not followed");
        assertThat(kubelet.requests()).hasSize(1);
    }

    @Test
    void serverErrorIsNotTriedAgain() throws Exception {
        kubelet.on("/pods", status("503 Service Unavailable", "later"));
        assertThat(refused(options())).contains("503");
        assertThat(kubelet.requests()).hasSize(1);
    }

    @Test
    void bodyThatIsNotJsonIsShownByItsBeginning() throws Exception {
        kubelet.on("/pods", status("200 OK", "<html>\u001b]0;title\u0007<h1>It works!</h1></html>"));
        assertThat(refused(options()))
                .contains(
                        "not JSON; expected a list of pods, but it begins with '<html>\\u001b]0;title\\u0007<h1>It works!");
    }

    @Test
    void emptyBodyIsNotAnEmptyList() throws Exception {
        kubelet.on("/pods", json(""));
        assertThat(refused(options())).contains("empty; expected a list of pods as JSON");
    }

    @Test
    void bodyCutOffBeforeItsContentLength() throws Exception {
        kubelet.on(
                "/pods",
                KubeletStub.raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"kind\":\"PodList\",\"items\":["));
        assertThat(refused(options())).contains("cut off in the middle, after 27 bytes of its body");
    }

    @Test
    void bodyCutOffInAChunk() throws Exception {
        kubelet.on(
                "/pods",
                KubeletStub.raw(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n{\"kind\":\"PodList\",\"items\":["));
        assertThat(refused(options())).contains("cut off in the middle");
    }

    @Test
    void bodyWithoutLengthThatEndsInTheMiddle() throws Exception {
        kubelet.on(
                "/pods",
                KubeletStub.raw(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"kind\":\"PodList\",\n\"items\":[{\"metadata\":{"));
        assertThat(refused(options()))
                .contains("not a list of pods: it ends in the middle, at line 2, column 23")
                .contains("in '/items/0/metadata'");
    }

    @Test
    void connectionThatEndsWithoutAnAnswer() throws Exception {
        kubelet.on("/pods", KubeletStub.raw(""));
        assertThat(refused(options())).contains("the connection broke before an answer");
    }

    @Test
    void answerThatIsNotHttp() throws Exception {
        kubelet.on("/pods", KubeletStub.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
        assertThat(refused(options())).contains("the answer is not HTTP").contains("SSH-2.0");
    }

    @Test
    void answerThatNeverEndsIsGivenUpBySize() throws Exception {
        byte[] blanks = KubeletStub.ascii(" ".repeat(1 << 16));
        kubelet.on("/pods", out -> {
            out.write(KubeletStub.ascii("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
            while (true) {
                out.write(blanks);
            }
        });
        try (KubeletClient client = new KubeletClient(options(), Optional.empty(), 2 << 20)) {
            assertThatThrownBy(client::node)
                    .isInstanceOf(KubeletException.class)
                    .hasMessageContaining("the answer is larger than accepted (more than 2 MiB)");
        }
    }

    @Test
    void answerThatTricklesIsGivenUpByTime() throws Exception {
        kubelet.on("/pods", out -> {
            out.write(KubeletStub.ascii("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
            while (true) {
                out.write(' ');
                out.flush();
                Thread.sleep(20);
            }
        });
        long start = System.nanoTime();
        assertThat(refused(deadline(options(), Duration.ofMillis(3500))))
                .contains("no whole answer within 3500 ms")
                .containsPattern("[0-9]+ bytes of its body came");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void silenceIsGivenUpByTime() throws Exception {
        kubelet.on("/pods", out -> Thread.sleep(60_000));
        assertThat(refused(deadline(options(), Duration.ofMillis(1500))))
                .contains("no whole answer within 1500 ms: nothing came; the kubelet is slow or hangs");
    }

    private KubeletOptions options() throws IOException, GeneralSecurityException {
        return new KubeletOptions(
                kubelet.url(),
                Optional.of(certificates.pem(TestCertificates.CA)),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                PATIENCE,
                PATIENCE);
    }

    private KubeletOptions withToken(Path token) throws IOException, GeneralSecurityException {
        KubeletOptions plain = options();
        return new KubeletOptions(
                plain.url(),
                plain.certificateAuthority(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(token),
                false,
                plain.connectTimeout(),
                plain.deadline());
    }

    private static KubeletOptions deadline(KubeletOptions plain, Duration deadline) {
        return new KubeletOptions(
                plain.url(),
                plain.certificateAuthority(),
                plain.pinnedCertificates(),
                plain.clientCertificate(),
                plain.clientKey(),
                plain.tokenFile(),
                plain.insecureSkipVerify(),
                plain.connectTimeout(),
                deadline);
    }

    static DeclaredNode ask(KubeletOptions options) throws KubeletException {
        try (KubeletClient client = new KubeletClient(options)) {
            return client.node();
        }
    }

    /** The one line that the user sees. */
    static String refused(KubeletOptions options) {
        try {
            DeclaredNode node = ask(options);
            throw new AssertionError("answered: " + node);
        } catch (KubeletException e) {
            assertThat(e.getMessage()).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
            return e.getMessage();
        }
    }
}
