package io.plumbline.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An API server with AppArmorProfile objects, listed and watched over HTTP as one does it: a watch begins after a version, and a version that
 * was forgotten is Gone. It refuses and hangs up when told to.
 */
final class ProfilesServer implements AutoCloseable {
    private static final String PATH = "/apis/plumbline.io/v1alpha1/apparmorprofiles";

    private final ApiServerStub server;
    private final ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Map<String, String> objects = new TreeMap<>();
    private final List<Change> changes = new ArrayList<>();
    private int version = 1;
    private int forgotten;
    private int cuts;
    private volatile int down;
    private volatile String labels = "\"pool\": \"a\"";

    private record Change(int version, String event) {}

    ProfilesServer() throws IOException {
        server = ApiServerStub.start(this::handle);
    }

    /** Creates or changes one; {@code spec} is JSON. */
    synchronized ProfilesServer put(String name, String spec) {
        String type = objects.containsKey(name) ? "MODIFIED" : "ADDED";
        version++;
        objects.put(name, object(name, spec));
        change(type, objects.get(name));
        return this;
    }

    synchronized void remove(String name) {
        version++;
        String gone = objects.remove(name);
        change("DELETED", gone);
    }

    private void change(String type, String object) {
        changes.add(new Change(version, "{\"type\": \"" + type + "\", \"object\": " + object + "}"));
        notifyAll();
    }

    private String object(String name, String spec) {
        return "{\"apiVersion\": \"plumbline.io/v1alpha1\", \"kind\": \"AppArmorProfile\", \"metadata\": {\"name\": \""
                + name + "\", \"resourceVersion\": \"" + version + "\"}, \"spec\": " + spec + "}";
    }

    /** The next requests for profiles are answered with these statuses; 0 hangs up. */
    ProfilesServer refusing(Integer... statuses) {
        refusals.addAll(List.of(statuses));
        return this;
    }

    /** Every request is answered with this status until it is 0 again. */
    ProfilesServer down(int status) {
        down = status;
        return this;
    }

    /** Hangs up on those who watch. */
    synchronized void cut() {
        cuts++;
        notifyAll();
    }

    /** Whoever comes with an older version is told that it is gone. */
    synchronized void forget() {
        forgotten = version;
        changes.clear();
    }

    void label(String json) {
        labels = json;
    }

    long lists() {
        return requests.stream()
                .filter(request -> !request.contains("watch=true"))
                .count();
    }

    long watches() {
        return requests.size() - lists();
    }

    List<String> requests() {
        return List.copyOf(requests);
    }

    ApiServerClient client(Path directory) throws IOException, KubeletException {
        return server.client(directory);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if ("websocket".equals(exchange.getRequestHeaders().getFirst("Upgrade"))) {
            // No web sockets here; whoever watches comes again without.
            ApiServerStub.answer(exchange, 200, "");
            return;
        }
        if (down != 0) {
            ApiServerStub.refuse(exchange, down);
        } else if (!exchange.getRequestURI().getPath().equals(PATH)) {
            ApiServerStub.answer(
                    exchange,
                    200,
                    "{\"kind\": \"Node\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"node1\", \"labels\": {"
                            + labels + "}}}");
        } else {
            Integer refusal = refusals.poll();
            requests.add(query);
            if (refusal != null) {
                ApiServerStub.refuse(exchange, refusal);
            } else if (query.contains("watch=true")) {
                watch(exchange, Integer.parseInt(query.replaceAll(".*resourceVersion=(\\d+).*", "$1")));
            } else {
                ApiServerStub.answer(exchange, 200, list());
            }
        }
    }

    private synchronized String list() {
        return "{\"apiVersion\": \"plumbline.io/v1alpha1\", \"kind\": \"AppArmorProfileList\", \"metadata\": {\"resourceVersion\": \""
                + version + "\"}, \"items\": [" + String.join(", ", objects.values()) + "]}";
    }

    private void watch(HttpExchange exchange, int from) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        int seen = from;
        int cutsBefore;
        synchronized (this) {
            cutsBefore = cuts;
            if (from < forgotten) {
                write(
                        out,
                        "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\","
                                + " \"reason\": \"Expired\", \"code\": 410, \"message\": \"too old resource version\"}}");
                return;
            }
        }
        while (true) {
            List<Change> due = new ArrayList<>();
            synchronized (this) {
                for (Change change : changes) {
                    if (change.version() > seen) {
                        due.add(change);
                    }
                }
                if (cuts != cutsBefore) {
                    return;
                }
                if (due.isEmpty()) {
                    try {
                        wait(100);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
            for (Change change : due) {
                seen = change.version();
                write(out, change.event());
            }
        }
    }

    private static void write(OutputStream out, String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        cut();
        server.close();
    }
}
