package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An API server that takes NodeReports and Events, and refuses in the ways in which one does. */
final class ApiServerStub implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private volatile String retryAfter = "";
    private volatile String uid = "uid-1";

    /** A request that came, refused or not. */
    record Write(String method, String path, String query, String contentType, JsonNode body, int answered) {}

    ApiServerStub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** The next writes are answered with these statuses; 0 cuts the connection. */
    ApiServerStub refusing(Integer... statuses) {
        refusals.addAll(List.of(statuses));
        return this;
    }

    ApiServerStub askingToWait(int seconds) {
        retryAfter = Integer.toString(seconds);
        return this;
    }

    void replaceNode() {
        uid = "uid-2";
    }

    List<Write> writes() {
        return List.copyOf(writes);
    }

    List<Write> taken() {
        return writes.stream().filter(write -> write.answered() == 201).toList();
    }

    ApiServerClient client(Path directory) throws IOException, KubeletException {
        return ApiServerClient.of(Files.writeString(Files.createTempFile(directory, "kube", "config"), """
            apiVersion: v1
            kind: Config
            current-context: it
            contexts: [{name: it, context: {cluster: it, user: it}}]
            clusters: [{name: it, cluster: {server: "http://127.0.0.1:%d"}}]
            users: [{name: it, user: {token: t}}]
            """.formatted(
                        server.getAddress().getPort())));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            if (exchange.getRequestMethod().equals("GET")) {
                answer(
                        exchange,
                        200,
                        "{\"kind\": \"Node\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"node1\", \"uid\": \""
                                + uid + "\"}}");
                return;
            }
            Integer refusal = refusals.poll();
            int status = refusal == null ? 201 : refusal;
            writes.add(new Write(
                    exchange.getRequestMethod(),
                    path,
                    String.valueOf(exchange.getRequestURI().getQuery()),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    JSON.readTree(body),
                    status));
            if (status == 0) {
                return;
            }
            if (status < 300) {
                answer(exchange, status, new String(body, StandardCharsets.UTF_8));
                return;
            }
            String details = retryAfter.isEmpty() ? "" : ", \"details\": {\"retryAfterSeconds\": " + retryAfter + "}";
            answer(
                    exchange,
                    status,
                    "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\", \"code\": " + status
                            + ", \"message\": \"refused with " + status + "\"" + details + "}");
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
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
