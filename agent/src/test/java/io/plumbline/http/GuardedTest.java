package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server where strangers can connect: TLS, a token that the cluster knows, and the right to the path. */
@TestInstance(Lifecycle.PER_CLASS)
class GuardedTest {

    private static final JsonMapper JSON = new JsonMapper();

    private Path directory;

    private final Cluster cluster = new Cluster()
            .with("operator", Set.of("/plumbline/"), Set.of())
            .with("prometheus", Set.of("/metrics"), Set.of())
            .with("latecomer", Set.of("/"), Set.of())
            .with("tenant", Set.of(), Set.of("shop"))
            .with("stranger-to-this-node", Set.of(), Set.of("another-namespace"));

    private ServedNode node;

    @BeforeAll
    void serve(@TempDir Path files) throws IOException, GeneralSecurityException {
        directory = files;
        write(pair());
        Tls tls = Tls.files(directory.resolve("tls.crt"), directory.resolve("tls.key"));
        Guard guard = new Guard(tls, cluster, Duration.ofMillis(200), Duration.ofMinutes(5));
        node = new ServedNode(
                        Limits.USUAL,
                        Optional.of(guard),
                        HttpClient.newBuilder().sslContext(trusting()))
                .scanning();
        // What is there at the first scan is judged at the second.
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("/readyz", "").statusCode() == 200
                        && namespaces("findings", "operator").contains("shop"));
    }

    @AfterAll
    void end() throws IOException {
        node.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/page.js",
                "/openapi.json",
                "/version",
                "/metrics",
                "/api/v1/node",
                "/api/v1/findings",
                "/api/v1/findings/0123456789ab",
                "/api/v1/pods",
                "/api/v1/pods/shop/hardened",
                "/api/v1/processes",
                "/api/v1/checks",
                "/api/v1/stream"
            })
    void everyPathAsksForATokenThatTheClusterKnowsAndForTheRight(String path) throws Exception {
        HttpResponse<String> without = get(path, "");
        assertThat(without.statusCode()).isEqualTo(401);
        assertThat(without.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(challenge -> assertThat(challenge).contains("Bearer"));
        assertThat(without.headers().firstValue("Content-Type")).contains("application/problem+json");

        assertThat(get(path, "Bearer made-up").statusCode()).isEqualTo(401);
        assertThat(get(path, "Bearer ").statusCode()).isEqualTo(401);
        assertThat(get(path, "Basic !!").statusCode()).isEqualTo(401);

        HttpResponse<String> refused = get(path, "Bearer token-of-stranger-to-this-node");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("nonResourceURLs", path, "stranger-to-this-node");

        if (!path.equals("/api/v1/stream")) {
            assertThat(get(path, "Bearer token-of-operator").statusCode()).isIn(200, 404);
            String browser =
                    Base64.getEncoder().encodeToString("any:token-of-operator".getBytes(StandardCharsets.UTF_8));
            assertThat(get(path, "Basic " + browser).statusCode()).isIn(200, 404);
        }
    }

    /** Also one that somebody adds tomorrow. */
    @Test
    void noDescribedPathButTheProbesIsOpen() throws Exception {
        JsonNode paths = JSON.readTree(
                        get("/openapi.json", "Bearer token-of-operator").body())
                .path("paths");
        for (Map.Entry<String, JsonNode> described : paths.properties()) {
            String path = described
                    .getKey()
                    .replace("{id}", "0123456789ab")
                    .replace("{namespace}", "shop")
                    .replace("{name}", "hardened");
            if (!Set.of("/livez", "/healthz", "/readyz").contains(path)) {
                assertThat(get(path, "").statusCode()).as(path).isEqualTo(401);
                assertThat(get(path, "Bearer made-up").statusCode()).as(path).isEqualTo(401);
                assertThat(get(path, "Bearer token-of-stranger-to-this-node").statusCode())
                        .as(path)
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void descriptionTellsWhatEveryPathAsksFor() throws Exception {
        JsonNode paths = JSON.readTree(
                        get("/openapi.json", "Bearer token-of-operator").body())
                .path("paths");
        paths.properties().forEach(path -> {
            boolean open = Set.of("/livez", "/healthz", "/readyz").contains(path.getKey());
            JsonNode get = path.getValue().path("get");
            for (String status : List.of("401", "403", "503")) {
                assertThat(open || get.path("responses").has(status))
                        .as("%s of %s", status, path.getKey())
                        .isTrue();
            }
            assertThat(get.has("security")).as(path.getKey()).isEqualTo(!open);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/healthz", "/readyz"})
    void probesCarryNoToken(String path) throws Exception {
        assertThat(get(path, "").statusCode()).isEqualTo(200);
    }

    @Test
    void whoMayGetOnePathGetsNoOther() throws Exception {
        assertThat(get("/metrics", "Bearer token-of-prometheus").statusCode()).isEqualTo(200);
        assertThat(get("/api/v1/findings", "Bearer token-of-prometheus").statusCode())
                .isEqualTo(403);
    }

    /** The API server's own {@code /api/} is open to everybody by system:discovery; that says nothing about this agent's. */
    @Test
    void rightThatEverybodyHasOpensNothing() throws Exception {
        cluster.with("plumbline:anybody", Set.of("/api/v1/checks"), Set.of())
                .with("newcomer", Set.of("/api/v1/checks", "/openapi.json"), Set.of());
        HttpResponse<String> refused = get("/api/v1/checks", "Bearer token-of-newcomer");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("/plumbline/api/v1/checks");
        assertThat(get("/openapi.json", "Bearer token-of-newcomer").statusCode())
                .isEqualTo(200);
    }

    @Test
    void tenantSeesHisNamespaceAndNoOther() throws Exception {
        for (String list : List.of("findings", "pods", "processes")) {
            assertThat(namespaces(list, "operator")).contains("shop").hasSizeGreaterThan(1);
            assertThat(namespaces(list, "tenant")).containsExactly("shop");
        }
        assertThat(get("/api/v1/processes?unattributed=true", "Bearer token-of-tenant")
                        .body())
                .contains("\"total\":0");
        assertThat(get("/api/v1/pods/shop/hardened", "Bearer token-of-tenant").statusCode())
                .isEqualTo(200);
        JsonNode foreign = JSON.readTree(
                get("/api/v1/findings", "Bearer token-of-operator").body());
        String id = Stream.iterate(0, i -> i + 1)
                .map(i -> foreign.get("findings").get(i))
                .filter(finding -> !finding.path("namespace").asText().equals("shop"))
                .findFirst()
                .orElseThrow()
                .get("id")
                .asText();
        assertThat(get("/api/v1/findings/" + id, "Bearer token-of-tenant").statusCode())
                .isEqualTo(404);
        assertThat(get("/api/v1/node", "Bearer token-of-tenant").statusCode()).isEqualTo(403);
        assertThat(get("/metrics", "Bearer token-of-tenant").statusCode()).isEqualTo(403);
    }

    @Test
    void whoIsKnownIsLetInAWhileAlsoWithoutTheCluster() throws Exception {
        assertThat(get("/metrics", "Bearer token-of-prometheus").statusCode()).isEqualTo(200);
        int asked = cluster.asked();
        assertThat(get("/metrics", "Bearer token-of-prometheus").statusCode()).isEqualTo(200);
        assertThat(cluster.asked())
                .as("questions for a scrape that was just answered")
                .isEqualTo(asked);
        cluster.goAway();
        assertThat(get("/metrics", "Bearer token-of-prometheus").statusCode()).isEqualTo(200);
        HttpResponse<String> somebodyNew = get("/metrics", "Bearer token-of-latecomer");
        assertThat(somebodyNew.statusCode()).isEqualTo(503);
        assertThat(somebodyNew.body()).contains("connection refused");
        cluster.comeBack();
        assertThat(get("/metrics", "Bearer token-of-latecomer").statusCode()).isEqualTo(200);
    }

    /** Who renews a certificate puts new files there and tells nobody; a half-written one must not end the service. */
    @Test
    void newCertificateIsShownWithoutARestart() throws Exception {
        X509Certificate before = shown();
        String certificate = Files.readString(directory.resolve("tls.crt"));
        String key = Files.readString(directory.resolve("tls.key"));
        Files.writeString(directory.resolve("tls.crt"), "half");
        Thread.sleep(600);
        assertThat(shown()).isEqualTo(before);
        write(pair());
        await().atMost(Duration.ofSeconds(20)).until(() -> !shown().equals(before));
        write(new Tls.Pair(certificate, key));
        await().atMost(Duration.ofSeconds(20)).until(() -> shown().equals(before));
    }

    /** Two files are not renewed at one moment, and what ended long ago helps nobody. */
    @Test
    void newCertificateThatNobodyCouldConnectByIsNotShown() throws Exception {
        Tls.Pair now = new Tls.Pair(
                Files.readString(directory.resolve("tls.crt")), Files.readString(directory.resolve("tls.key")));
        X509Certificate before = shown();
        Tls.Pair ended = SelfSigned.make(
                List.of("localhost"), List.of(), Instant.now().minus(SelfSigned.LIFETIME.multipliedBy(2)));
        Tls.Pair ofTomorrow =
                SelfSigned.make(List.of("localhost"), List.of(), Instant.now().plus(Duration.ofDays(1)));
        for (Tls.Pair bad : List.of(
                new Tls.Pair(pair().certificates(), now.key()),
                new Tls.Pair(now.certificates(), pair().key()),
                ended,
                ofTomorrow)) {
            write(bad);
            Thread.sleep(600);
            assertThat(shown()).isEqualTo(before);
        }
        Tls.Pair next = pair();
        write(next);
        await().atMost(Duration.ofSeconds(20)).until(() -> shown().equals(certificate(next.certificates())));
        write(now);
        await().atMost(Duration.ofSeconds(20)).until(() -> shown().equals(before));
    }

    @Test
    void madeUpCertificateIsForTheAddressesThatItIsAskedFor() throws Exception {
        X509Certificate certificate = certificate(pair().certificates());
        certificate.checkValidity();
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getSubjectAlternativeNames())
                .contains(List.of(2, "localhost"))
                .contains(List.of(7, "127.0.0.1"));
    }

    /** Long before the library gives up on them. */
    @Test
    void whoNeverShakesHandsGivesWayToWhoComesLater() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * Limits.USUAL.connections(); i++) {
                silent.add(RawHttp.connect(node.url("/")));
            }
            silent.get(0).setSoTimeout(3_000);
            assertThat(RawHttp.isCut(silent.get(0))).isTrue();
            Socket last = silent.get(silent.size() - 1);
            last.setSoTimeout(200);
            assertThatThrownBy(() -> RawHttp.isCut(last)).isInstanceOf(SocketTimeoutException.class);
            assertThat(get("/livez", "").statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void whoHasShakenHandsDoesNotGiveWayToWhoHasNot() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (SSLSocket welcome = (SSLSocket) looking()
                .getSocketFactory()
                .createSocket("127.0.0.1", node.url("/").getPort())) {
            // The client is done with a handshake before the server is.
            assertThat(ask(welcome, "keep-alive").readLine()).startsWith("HTTP/1.1 200 ");
            for (int i = 0; i < 2 * Limits.USUAL.connections(); i++) {
                silent.add(RawHttp.connect(node.url("/")));
            }
            silent.get(0).setSoTimeout(3_000);
            assertThat(RawHttp.isCut(silent.get(0))).isTrue();
            assertThat(ask(welcome, "close").lines()).anyMatch(line -> line.startsWith("HTTP/1.1 200 "));
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static BufferedReader ask(Socket socket, String connection) throws IOException {
        socket.getOutputStream()
                .write(("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: " + connection + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    private Set<String> namespaces(String list, String user) throws Exception {
        JsonNode answer = JSON.readTree(
                get("/api/v1/" + list + "?limit=500", "Bearer token-of-" + user).body());
        Set<String> namespaces = new TreeSet<>();
        answer.get(list).forEach(item -> namespaces.add(item.path("namespace").asText("")));
        return namespaces;
    }

    private HttpResponse<String> get(String path, String authorization) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(node.url(path));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return node.send(request);
    }

    private static Tls.Pair pair() throws IOException {
        return Tls.selfMade(
                        List.of("localhost"),
                        List.of(
                                InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                                InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})),
                        InstantSource.system())
                .pair();
    }

    private void write(Tls.Pair pair) throws IOException {
        Files.writeString(directory.resolve("tls.key"), pair.key());
        Files.writeString(directory.resolve("tls.crt"), pair.certificates());
    }

    private static X509Certificate certificate(String pem) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private X509Certificate shown() throws Exception {
        // Of a session that was resumed the certificate would be the old one.
        try (SSLSocket socket = (SSLSocket) looking()
                .getSocketFactory()
                .createSocket("127.0.0.1", node.url("/").getPort())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private SSLContext trusting() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("shown", certificate(Files.readString(directory.resolve("tls.crt"))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** Takes any certificate: what it is, is the question. */
    private static SSLContext looking() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        return context;
    }

    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
