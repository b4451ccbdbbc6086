package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An API server with one Node, over TLS: it applies what is applied, and JSON patches with their tests. Of server-side apply it knows what an
 * agent uses: labels, the fields' manager, and that another uid is a conflict.
 */
final class NodeServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/api/v1/nodes/node1";

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> meanwhile = new ConcurrentLinkedQueue<>();
    private JsonNode node;

    /** @param json the node */
    NodeServer(String json) throws IOException, GeneralSecurityException {
        node = JSON.readTree(json);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(TestCertificates.made().server(TestCertificates.KUBELET)));
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** The next patches are answered with these statuses. */
    NodeServer refusing(Integer... statuses) {
        refusals.addAll(List.of(statuses));
        return this;
    }

    /** Somebody else makes the node this one, right after the next time that it is read. */
    NodeServer becomingMeanwhile(String json) {
        meanwhile.add(json);
        return this;
    }

    synchronized JsonNode node() {
        return node.deepCopy();
    }

    synchronized void change(String json) throws IOException {
        node = JSON.readTree(json);
    }

    /** Method, kind of patch and body of what came. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    ApiServerClient client(Path directory) throws IOException, KubeletException, GeneralSecurityException {
        return ApiServerClient.of(Files.writeString(Files.createTempFile(directory, "kube", "config"), """
            apiVersion: v1
            kind: Config
            current-context: it
            contexts: [{name: it, context: {cluster: it, user: it}}]
            clusters: [{name: it, cluster: {server: "https://127.0.0.1:%d", certificate-authority: %s}}]
            users: [{name: it, user: {token: t}}]
            """.formatted(
                        server.getAddress().getPort(),
                        TestCertificates.made().pem(TestCertificates.CA).toAbsolutePath())));
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String method = exchange.getRequestMethod();
            if (!exchange.getRequestURI().getPath().equals(PATH)) {
                answer(exchange, 404, status(404, "no " + exchange.getRequestURI()));
                return;
            }
            if (method.equals("GET")) {
                requests.add("GET");
                answer(exchange, 200, node);
                String change = meanwhile.poll();
                if (change != null) {
                    node = JSON.readTree(change);
                }
                return;
            }
            String type = exchange.getRequestHeaders().getFirst("Content-Type");
            requests.add(method + " " + type + " " + exchange.getRequestURI().getQuery() + " " + body);
            Integer refusal = refusals.poll();
            if (refusal != null) {
                answer(exchange, refusal, status(refusal, "refused with " + refusal));
            } else if (type.startsWith("application/json-patch+json")) {
                patch(exchange, body);
            } else if (type.startsWith("application/apply-patch+yaml")) {
                apply(exchange, JSON.readTree(body));
            } else {
                answer(exchange, 415, status(415, "of type " + type));
            }
        }
    }

    private void patch(HttpExchange exchange, String body) throws IOException {
        try {
            node = JsonPatch.apply(JSON.readTree(body), node);
            answer(exchange, 200, node);
        } catch (JsonPatchException e) {
            answer(exchange, 422, status(422, "the server rejected our request due to an error in our request"));
        }
    }

    private void apply(HttpExchange exchange, JsonNode applied) throws IOException {
        JsonNode uid = applied.at("/metadata/uid");
        if (!uid.isMissingNode() && !uid.equals(node.at("/metadata/uid"))) {
            answer(exchange, 409, status(409, "the UID in the precondition is another one"));
            return;
        }
        ObjectNode labels = node.withObject("/metadata/labels");
        applied.at("/metadata/labels").properties().forEach(label -> labels.set(label.getKey(), label.getValue()));
        answer(exchange, 200, node);
    }

    private static JsonNode status(int code, String message) {
        return JSON.createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("code", code)
                .put("message", message);
    }

    private static void answer(HttpExchange exchange, int status, JsonNode json) throws IOException {
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
