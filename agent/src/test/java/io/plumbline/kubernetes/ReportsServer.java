package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** An API server that takes NodeReports and Events, and refuses in the ways in which one does. */
final class ReportsServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ApiServerStub server;
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private volatile String uid = "uid-1";
    private volatile String ending = "nothing";

    /** A request that came, refused or not. */
    record Write(String method, String path, String query, String contentType, JsonNode body, int answered) {}

    ReportsServer() throws IOException {
        server = ApiServerStub.start(this::handle);
    }

    /** The next writes are answered with these statuses; 0 cuts the connection. */
    ReportsServer refusing(Integer... statuses) {
        refusals.addAll(List.of(statuses));
        return this;
    }

    /** This namespace is about to go: it takes nothing more. */
    ReportsServer ending(String namespace) {
        ending = "/namespaces/" + namespace + "/";
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
        return server.client(directory);
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestMethod().equals("GET")) {
            ApiServerStub.answer(
                    exchange,
                    200,
                    "{\"kind\": \"Node\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"node1\", \"uid\": \"" + uid
                            + "\"}}");
            return;
        }
        Integer refusal = refusals.poll();
        boolean ends = exchange.getRequestURI().getPath().contains(ending);
        int status = ends ? 403 : refusal == null ? 201 : refusal;
        writes.add(new Write(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                String.valueOf(exchange.getRequestURI().getQuery()),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                JSON.readTree(body),
                status));
        if (ends) {
            ObjectNode failure = ApiServerStub.failure(403, "it is being terminated");
            failure.withObject("/details").putArray("causes").addObject().put("reason", "NamespaceTerminating");
            ApiServerStub.answer(exchange, status, failure.toString());
        } else if (refusal == null) {
            ApiServerStub.answer(exchange, status, new String(body, StandardCharsets.UTF_8));
        } else {
            ApiServerStub.refuse(exchange, status);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
