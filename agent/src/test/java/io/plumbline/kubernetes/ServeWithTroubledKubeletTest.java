package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.AgentProcess;
import io.plumbline.CapturedNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code plumbline serve} as a process of its own, and a kubelet that goes away, takes its time, talks nonsense, starts anew and
 * does not know its pods yet, and shows another certificate, and a CA's file that is rotated and breaks: the last good truth is served, with its
 * age, readyz says why, and all is well again without a restart.
 */
@Timeout(240)
class ServeWithTroubledKubeletTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TestCertificates CERTIFICATES = TestCertificates.made();

    @TempDir
    private Path directory;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private URI agent = URI.create("http://127.0.0.1/");

    @Test
    void lastGoodTruthIsServedWithItsAgeAndRecoveryNeedsNoRestart() throws Exception {
        KubeletStub.Answer good = KubeletStub.file(CapturedNode.kubernetes().resolve("kubelet-pods.json"));
        try (KubeletStub kubelet = KubeletStub.withTls(CERTIFICATES.server(TestCertificates.KUBELET), false)
                        .on("/pods", good);
                KubeletStub impostor = KubeletStub.withTls(CERTIFICATES.server(TestCertificates.SELF_SIGNED), false)
                        .on("/pods", good);
                Door door = new Door(kubelet.url().getPort())) {
            Path authority = Files.copy(CERTIFICATES.pem(TestCertificates.CA), directory.resolve("ca.pem"));
            Process process = start(door.port(), authority);
            try {
                await().atMost(PATIENCE).until(() -> ready().statusCode() == 200);
                await().atMost(PATIENCE).until(() -> !findings().isEmpty());
                Set<String> truth = findings();

                door.shut();
                assertStale(truth, "ECONNREFUSED|refused|connect");
                door.open();
                assertRecovered(truth);

                kubelet.on("/pods", KubeletStub.status("200 OK", "{\"kind\": \"PodList\", \"items\": [{]"));
                assertStale(truth, "kubelet|/pods");
                kubelet.on("/pods", good);
                assertRecovered(truth);

                kubelet.on("/pods", out -> Thread.sleep(60_000));
                assertStale(truth, "no answer within");
                kubelet.on("/pods", good);
                door.leadTo(kubelet.url().getPort());
                assertRecovered(truth);

                // Started anew, perhaps as another version: it knows its manifests, and not yet the rest.
                kubelet.on("/pods", KubeletStub.json(staticPodsOf("kubelet-pods.json")));
                assertStale(truth, "no pod of the API server is listed any more, and \\d+ of those");
                kubelet.on("/pods", good);
                assertRecovered(truth);

                // Another certificate, of an authority that nobody named; and then somebody does, as when a cluster's
                // is rotated.
                door.leadTo(impostor.url().getPort());
                assertStale(truth, "certificate");
                Path renewed = Files.copy(CERTIFICATES.pem(TestCertificates.SELF_SIGNED), directory.resolve("new.pem"));
                Files.move(renewed, authority, StandardCopyOption.ATOMIC_MOVE);
                assertRecovered(truth);

                // Its file is read again each time: half written, and whole again.
                byte[] whole = Files.readAllBytes(authority);
                Files.write(authority, Arrays.copyOf(whole, whole.length / 2));
                assertStale(truth, "ca\\.pem");
                Files.write(authority, whole);
                assertRecovered(truth);
                assertThat(process.isAlive()).isTrue();
            } finally {
                process.destroy();
                process.waitFor();
            }
        }
    }

    private static String staticPodsOf(String captured) throws IOException {
        JsonMapper json = new JsonMapper();
        ObjectNode list = (ObjectNode)
                json.readTree(CapturedNode.kubernetes().resolve(captured).toFile());
        ArrayNode items = (ArrayNode) list.remove("items");
        ArrayNode kept = list.putArray("items");
        items.forEach(pod -> {
            if (pod.path("metadata")
                    .path("annotations")
                    .path("kubernetes.io/config.source")
                    .asText()
                    .equals("file")) {
                kept.add(pod);
            }
        });
        assertThat(items.size()).as("pods of the API server").isGreaterThan(kept.size());
        return list.toString();
    }

    private void assertStale(Set<String> truth, String why) throws Exception {
        await().atMost(PATIENCE).until(() -> ready().statusCode() == 503);
        assertThat(ready().body()).containsPattern("(?m)^\\[-\\]kubelet last answer \\d+ s ago: .*(" + why + ")");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        assertThat(findings()).isEqualTo(truth);
        assertThat(get("/api/v1/node").body()).contains("this answer is of ");
    }

    private void assertRecovered(Set<String> truth) throws Exception {
        await().atMost(PATIENCE).until(() -> ready().statusCode() == 200);
        await().atMost(PATIENCE).until(() -> !get("/api/v1/node").body().contains("this answer is of "));
        assertThat(findings()).isEqualTo(truth);
    }

    private HttpResponse<String> ready() throws IOException, InterruptedException {
        return get("/readyz?verbose");
    }

    private Set<String> findings() throws IOException, InterruptedException {
        Set<String> ids = new TreeSet<>();
        JsonNode answer =
                new JsonMapper().readTree(get("/api/v1/findings?limit=500").body());
        answer.path("findings")
                .forEach(finding -> ids.add(finding.path("id").asText()
                        + finding.path("check").asText()
                        + finding.path("firstSeen").asText()));
        return ids;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(agent.resolve(path)).build(), BodyHandlers.ofString());
    }

    private Process start(int port, Path authority) throws IOException {
        AgentProcess process = AgentProcess.start(
                directory,
                "--scan-interval=200ms",
                "--kubelet-url=https://127.0.0.1:" + port,
                "--kubelet-ca=" + authority);
        await().atMost(PATIENCE).until(() -> process.address().isPresent());
        agent = process.address().orElseThrow();
        return process.process();
    }

    /** A port that leads to a server, can be shut, and can lead to another one. */
    private static final class Door implements AutoCloseable {
        private final AtomicInteger behind;
        private final List<Socket> passing = new CopyOnWriteArrayList<>();
        private final int port;
        private ServerSocket entrance;

        Door(int behind) throws IOException {
            this.behind = new AtomicInteger(behind);
            entrance = listen(0);
            port = entrance.getLocalPort();
        }

        int port() {
            return port;
        }

        void leadTo(int other) throws IOException {
            behind.set(other);
            sendAway();
        }

        /** The kernel may need a moment to give the port back. */
        void open() {
            await().ignoreExceptionsInstanceOf(IOException.class).until(() -> {
                entrance = listen(port);
                return true;
            });
        }

        void shut() throws IOException {
            entrance.close();
            sendAway();
        }

        private void sendAway() throws IOException {
            for (Socket socket : passing) {
                socket.close();
            }
            passing.clear();
        }

        private ServerSocket listen(int where) throws IOException {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), where));
            start(() -> {
                while (!server.isClosed()) {
                    Socket in = server.accept();
                    Socket out = new Socket(InetAddress.getLoopbackAddress(), behind.get());
                    passing.addAll(List.of(in, out));
                    start(() -> pass(in, out));
                    start(() -> pass(out, in));
                }
            });
            return server;
        }

        private static void pass(Socket from, Socket to) throws IOException {
            try (from;
                    to;
                    InputStream in = from.getInputStream()) {
                in.transferTo(to.getOutputStream());
            }
        }

        private interface Work {
            void run() throws IOException;
        }

        private static void start(Work work) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } catch (IOException e) {
                            // The door was shut, or one side went away: so does the other.
                        }
                    },
                    "door");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            shut();
        }
    }
}
