package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.fabric8.zjsonpatch.JsonPatch;
import io.fabric8.zjsonpatch.JsonPatchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An API server with one Node, over TLS: it applies what is applied, and JSON patches with their tests. Of server-side apply it knows what an
 * agent uses: labels, the fields' manager, and that another uid is a conflict.
 */
final class NodeServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/api/v1/nodes/node1";

    private final ApiServerStub server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> meanwhile = new ConcurrentLinkedQueue<>();
    private JsonNode node;

    /** @param json the node */
    NodeServer(String json) throws IOException, GeneralSecurityException {
        node = JSON.readTree(json);
        server = ApiServerStub.startWithTls(this::handle);
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

    ApiServerClient client(Path directory) throws IOException, KubeletException {
        return server.client(directory);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String method = exchange.getRequestMethod();
        if (!exchange.getRequestURI().getPath().equals(PATH)) {
            fail(exchange, 404, "no " + exchange.getRequestURI());
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
            ApiServerStub.refuse(exchange, refusal);
        } else if (type.startsWith("application/json-patch+json")) {
            patch(exchange, body);
        } else if (type.startsWith("application/apply-patch+yaml")) {
            apply(exchange, JSON.readTree(body));
        } else {
            fail(exchange, 415, "of type " + type);
        }
    }

    private void patch(HttpExchange exchange, String body) throws IOException {
        try {
            node = JsonPatch.apply(JSON.readTree(body), node);
            answer(exchange, 200, node);
        } catch (JsonPatchException e) {
            fail(exchange, 422, "the server rejected our request due to an error in our request");
        }
    }

    private void apply(HttpExchange exchange, JsonNode applied) throws IOException {
        JsonNode uid = applied.at("/metadata/uid");
        if (!uid.isMissingNode() && !uid.equals(node.at("/metadata/uid"))) {
            fail(exchange, 409, "the UID in the precondition is another one");
            return;
        }
        ObjectNode labels = node.withObject("/metadata/labels");
        applied.at("/metadata/labels").properties().forEach(label -> labels.set(label.getKey(), label.getValue()));
        answer(exchange, 200, node);
    }

    private static void fail(HttpExchange exchange, int status, String message) throws IOException {
        answer(exchange, status, ApiServerStub.failure(status, message));
    }

    private static void answer(HttpExchange exchange, int status, JsonNode json) throws IOException {
        ApiServerStub.answer(exchange, status, json.toString());
    }

    @Override
    public void close() {
        server.close();
    }
}
