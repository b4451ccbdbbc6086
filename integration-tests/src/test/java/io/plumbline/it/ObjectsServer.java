package io.plumbline.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An API server over TLS whose AppArmorProfile objects are files: {@code web.json} holds the spec of the object {@code web}. A watch tells of files that
 * come, change and go. The NodeReport that is written to it is a file, too.
 */
final class ObjectsServer {
    static final int PORT = 6443;

    private static final String PROFILES = "/apis/plumbline.io/v1alpha1/apparmorprofiles";
    private static final String REPORTS = "/apis/plumbline.io/v1alpha1/nodereports/";
    private static final long LOOK_MILLIS = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path objects;
    private final Path report;

    private ObjectsServer(Path objects, Path report) {
        this.objects = objects;
        this.report = report;
    }

    /**
     * Starts it, for as long as this JVM runs.
     *
     * @param objects the directory of their specs
     * @param report the file for the NodeReport
     * @param certificate the directory where the server's was made
     */
    static void start(Path objects, Path report, Path certificate) throws IOException {
        new TlsServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT),
                ServerCertificate.madeIn(certificate),
                new ObjectsServer(objects, report)::handle);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        byte[] body = exchange.getRequestBody().readAllBytes();
        if ("websocket".equals(exchange.getRequestHeaders().getFirst("Upgrade"))) {
            // No web sockets here; whoever watches comes again without.
            exchange.sendResponseHeaders(200, -1);
        } else if (path.equals(PROFILES) && query.contains("watch=true")) {
            watch(exchange);
        } else if (path.equals(PROFILES)) {
            ObjectNode list = object("AppArmorProfileList", "");
            state().values().forEach(list.putArray("items")::add);
            TlsServer.answer(exchange, 200, list);
        } else if (path.startsWith(REPORTS) && exchange.getRequestMethod().equals("PATCH")) {
            Path aside = Files.write(report.resolveSibling(report.getFileName() + ".new"), body);
            Files.move(aside, report, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            TlsServer.answer(exchange, 200, (ObjectNode) JSON.readTree(body));
        } else if (path.startsWith("/api/v1/nodes/")) {
            ObjectNode node = JSON.createObjectNode().put("kind", "Node").put("apiVersion", "v1");
            node.putObject("metadata")
                    .put("name", "guest")
                    .put("uid", "00000000-0000-4000-8000-000000000000")
                    .putObject("labels")
                    .put("pool", "a");
            TlsServer.answer(exchange, 200, node);
        } else {
            ObjectNode empty = JSON.createObjectNode().put("kind", "List").put("apiVersion", "v1");
            empty.putObject("metadata");
            empty.putArray("items");
            TlsServer.answer(exchange, 200, empty);
        }
    }

    private static ObjectNode object(String kind, String name) {
        ObjectNode object = JSON.createObjectNode()
                .put("apiVersion", "plumbline.io/v1alpha1")
                .put("kind", kind);
        object.putObject("metadata").put("name", name).put("resourceVersion", "1");
        return object;
    }

    private Map<String, ObjectNode> state() {
        var state = new TreeMap<String, ObjectNode>();
        try (Stream<Path> files = Files.list(objects)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".json")).toList()) {
                String name = file.getFileName().toString().replace(".json", "");
                ObjectNode object = object("AppArmorProfile", name);
                object.set("spec", JSON.readTree(Files.readAllBytes(file)));
                state.put(name, object);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return state;
    }

    /** From what there is now on: a change between the list and this is not missed, for whoever watches begins with what is there. */
    private void watch(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        Map<String, ObjectNode> told = Map.of();
        try {
            while (true) {
                Map<String, ObjectNode> now = state();
                for (var each : now.entrySet()) {
                    ObjectNode before = told.get(each.getKey());
                    if (!each.getValue().equals(before)) {
                        event(out, before == null ? "ADDED" : "MODIFIED", each.getValue());
                    }
                }
                for (var each : told.entrySet()) {
                    if (!now.containsKey(each.getKey())) {
                        event(out, "DELETED", each.getValue());
                    }
                }
                told = now;
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void event(OutputStream out, String type, ObjectNode object) throws IOException {
        ObjectNode event = JSON.createObjectNode().put("type", type);
        event.set("object", object);
        out.write((event + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
