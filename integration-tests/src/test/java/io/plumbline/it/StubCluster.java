package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node's kubelet and a cluster's API server in one, over TLS on the loopback. The agent's account may do what the ClusterRole of the
 * manifest says, and nothing else.
 */
final class StubCluster {
    static final String NODE = "plumbline-it";
    static final String AGENT_TOKEN = "the-agents-token";

    private static final String AGENT_ROLE = "plumbline-agent";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Who else has a token, and the ClusterRole that he is bound to. */
    private static final Map<String, String> CALLERS =
            Map.of("prometheus", "plumbline-metrics", "operator", "plumbline-reader", "stranger", "");

    private final Roles roles;
    private final boolean fineGrained;
    private final Supplier<ObjectNode> pods;
    private final TlsServer server;
    private final ConcurrentSkipListSet<String> refused = new ConcurrentSkipListSet<>();
    private final List<JsonNode> reports = new CopyOnWriteArrayList<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();

    private StubCluster(
            Roles roles,
            InetSocketAddress address,
            boolean fineGrained,
            Supplier<ObjectNode> pods,
            ServerCertificate certificate)
            throws IOException {
        this.roles = roles;
        this.fineGrained = fineGrained;
        this.pods = pods;
        this.server = new TlsServer(address, certificate.context(), this::handle);
    }

    /**
     * Starts it.
     *
     * @param address of the loopback, and the port, 0 for a free one
     * @param fineGrained whether its kubelet knows {@code nodes/pods}, as 1.33 and newer do
     * @param pods the pods of the node, a {@code PodList}
     */
    static StubCluster start(
            Roles roles,
            InetSocketAddress address,
            boolean fineGrained,
            Supplier<ObjectNode> pods,
            ServerCertificate certificate,
            Undo undo) {
        try {
            var cluster = new StubCluster(roles, address, fineGrained, pods, certificate);
            undo.add("stub of a cluster", cluster.server::close);
            return cluster;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String host() {
        return server.address().getAddress().getHostAddress();
    }

    int port() {
        return server.address().getPort();
    }

    String url() {
        return "https://" + host() + ":" + port();
    }

    /** The token of one of those who may call the agent. */
    static String tokenOf(String caller) {
        return "the-token-of-" + caller;
    }

    /** What the agent asked for and its role does not give. */
    Iterable<String> refused() {
        return refused;
    }

    /** The NodeReports that came, in their order. */
    List<JsonNode> reports() {
        return List.copyOf(reports);
    }

    /** The Events that came. */
    List<JsonNode> events() {
        return List.copyOf(events);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!("Bearer " + AGENT_TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            TlsServer.answer(exchange, 401, status(401, "Unauthorized"));
            return;
        }
        Right right = Right.of(
                exchange.getRequestMethod(), path, exchange.getRequestURI().getQuery());
        boolean allowed = roles.allows(AGENT_ROLE, right.verb(), right.group(), right.resource());
        if (right.verb().equals("patch")) {
            // what applies an object that is not there yet also creates it
            allowed &= roles.allows(AGENT_ROLE, "create", right.group(), right.resource());
        }
        if (!allowed || (path.equals("/pods") && !fineGrained)) {
            if (!allowed) {
                refused.add(right.toString());
            }
            TlsServer.answer(exchange, 403, status(403, "Forbidden (" + right + ")"));
            return;
        }
        if (right.verb().equals("watch")) {
            watched(exchange);
            return;
        }
        Optional<ObjectNode> found = found(path, body);
        TlsServer.answer(
                exchange,
                found.isEmpty() ? 404 : exchange.getRequestMethod().equals("POST") ? 201 : 200,
                found.orElseGet(() -> status(404, "no " + path)));
    }

    private Optional<ObjectNode> found(String path, byte[] body) throws IOException {
        return switch (path) {
            case "/pods", "/api/v1/pods" -> Optional.of(pods.get());
            case "/configz" -> Optional.of(parse("{\"kubeletconfig\": {\"seccompDefault\": false}}"));
            case "/api/v1/namespaces" -> Optional.of(namespaces());
            case "/apis/networking.k8s.io/v1/networkpolicies" ->
                Optional.of(parse("{\"kind\": \"NetworkPolicyList\", \"metadata\": {}, \"items\": []}"));
            case "/apis/plumbline.io/v1alpha1/apparmorprofiles" ->
                Optional.of(parse("{\"kind\": \"AppArmorProfileList\", \"apiVersion\": \"plumbline.io/v1alpha1\","
                        + " \"metadata\": {\"resourceVersion\": \"1\"}, \"items\": []}"));
            case "/api/v1/nodes/" + NODE -> Optional.of(parse("""
                {"kind": "Node", "metadata": {"name": "plumbline-it", "uid": "3f0f4f6c-6f0c-4d8c-9b61-0f6f3d7d1a11"},
                 "status": {"nodeInfo": {"kubeletVersion": "v1.33.1", "containerRuntimeVersion": "containerd://1.7.1"}}}
                """));
            case "/apis/authentication.k8s.io/v1/tokenreviews" -> Optional.of(whose((ObjectNode) JSON.readTree(body)));
            case "/apis/authorization.k8s.io/v1/subjectaccessreviews" ->
                Optional.of(may((ObjectNode) JSON.readTree(body)));
            case "/apis/plumbline.io/v1alpha1/nodereports/" + NODE -> Optional.of(kept(reports, body));
            case "/apis/events.k8s.io/v1/namespaces/shop/events" -> Optional.of(kept(events, body));
            default -> Optional.empty();
        };
    }

    /** Nothing ever changes. No web sockets here: who asks for one comes again without. */
    private static void watched(HttpExchange exchange) throws IOException {
        boolean upgrade = "websocket".equals(exchange.getRequestHeaders().getFirst("Upgrade"));
        exchange.sendResponseHeaders(200, upgrade ? -1 : 0);
        if (!upgrade) {
            exchange.getResponseBody().flush();
            try {
                TimeUnit.SECONDS.sleep(20);
            } catch (InterruptedException e) {
                // the end
            }
        }
    }

    private static ObjectNode kept(List<JsonNode> where, byte[] body) throws IOException {
        ObjectNode object = (ObjectNode) JSON.readTree(body);
        where.add(object);
        return object;
    }

    private ObjectNode namespaces() {
        ObjectNode list = parse("{\"kind\": \"NamespaceList\", \"apiVersion\": \"v1\", \"metadata\": {}}");
        list.withArray("items")
                .add(roles.object("Namespace", "plumbline"))
                .add(parse("{\"metadata\": {\"name\": \"shop\"}}"));
        return list;
    }

    private static ObjectNode whose(ObjectNode review) {
        String token = review.at("/spec/token").asText();
        ObjectNode status = review.putObject("status");
        CALLERS.keySet().stream()
                .filter(caller -> token.equals(tokenOf(caller)))
                .findFirst()
                .ifPresentOrElse(
                        caller -> status.put("authenticated", true)
                                .withObject("/user")
                                .put("username", caller),
                        () -> status.put("authenticated", false));
        return review;
    }

    private ObjectNode may(ObjectNode review) {
        String role = CALLERS.getOrDefault(review.at("/spec/user").asText(), "");
        JsonNode path = review.at("/spec/nonResourceAttributes/path");
        review.putObject("status")
                .put("allowed", !role.isEmpty() && !path.isMissingNode() && roles.allowsPath(role, path.asText()));
        return review;
    }

    private static ObjectNode status(int code, String message) {
        return JSON.createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("message", message)
                .put("code", code);
    }

    private static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a request asks for, in the words of a role. */
    private record Right(String verb, String group, String resource) {

        static Right of(String method, String path, @Nullable String query) {
            if (path.equals("/pods") || path.equals("/configz")) {
                return new Right("get", "", "nodes" + path);
            }
            String[] parts = path.substring(1).split("/", -1);
            boolean core = parts[0].equals("api");
            int resource = core ? 2 : 3;
            if (parts.length <= resource) {
                return new Right("get", "", path);
            }
            if (parts[resource].equals("namespaces") && parts.length > resource + 2) {
                resource += 2;
            }
            boolean named = parts.length > resource + 1;
            boolean watched = query != null && query.contains("watch=true");
            return new Right(
                    method.equals("POST")
                            ? "create"
                            : method.equals("PATCH") ? "patch" : named ? "get" : watched ? "watch" : "list",
                    core ? "" : parts[1],
                    parts[resource]);
        }

        @Override
        public String toString() {
            return verb + " " + resource;
        }
    }
}
