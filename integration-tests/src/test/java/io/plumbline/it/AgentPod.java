package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The pod of a rendered DaemonSet, started on a {@link Node} as a kubelet would have it started. */
final class AgentPod {
    private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Running running;
    private final int port;
    private final Path state;
    private final HttpClient http;

    private AgentPod(Running running, int port, Path state, HttpClient http) {
        this.running = running;
        this.port = port;
        this.state = state;
        this.http = http;
    }

    /**
     * Starts it. Of the manifest three things are changed: the pod is in the network of the host, so that the test reaches it and it the
     * stub; it listens on a port that is free there; what is the node's root is this node's.
     *
     * @param image its image, as the node's runtime has unpacked it
     * @param certificate of the cluster, and of the agent
     */
    static AgentPod start(
            Node node, JsonNode daemonSet, String image, StubCluster cluster, ServerCertificate certificate) {
        String name = "plumbline-" + Node.newId().substring(0, 5);
        Path state = node.directory().resolve(name + "-state");
        int port = DriftBetweenPods.freePort();
        ObjectNode object = JSON.createObjectNode();
        ObjectNode metadata = object.withObject("/metadata").put("name", name).put("namespace", "plumbline");
        metadata.set("labels", daemonSet.at("/spec/template/metadata/labels").deepCopy());
        ObjectNode spec = daemonSet.at("/spec/template/spec").deepCopy();
        object.set("spec", spec);
        spec.put("hostNetwork", true);
        for (JsonNode volume : spec.get("volumes")) {
            if (volume.has("hostPath")) {
                boolean root = volume.at("/hostPath/path").asText().equals("/");
                ((ObjectNode) volume.get("hostPath"))
                        .put("path", root ? node.hostRoot().toString() : state.toString());
            }
        }
        ObjectNode container = (ObjectNode) spec.at("/containers/0");
        replaceListen((ArrayNode) container.get("args"), port);
        try {
            Files.createDirectories(state);
            Running running = node.run(
                    Pod.of(object.toString()), config -> complete(config, container, image, cluster, certificate));
            // the certificate is made at start, and nobody could know it before; what it protects is the stub's
            return new AgentPod(running, port, state, trustingAnybody());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replaceListen(ArrayNode args, int port) {
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i).asText().startsWith("--listen=")) {
                args.set(i, args.textNode("--listen=0.0.0.0:" + port));
            }
        }
    }

    /** What a kubelet adds to the configuration: arguments, environment, propagation, the account's token. */
    private static void complete(
            ObjectNode config, JsonNode container, String image, StubCluster cluster, ServerCertificate certificate) {
        config.withObject("/annotations").put(ContainerRuntime.IMAGE, image);
        ArrayNode env = config.withObject("/process").putArray("env");
        env.add("PATH=/usr/bin:/sbin").add("LANG=C.UTF-8").add("MALLOC_ARENA_MAX=1");
        env.add("KUBERNETES_SERVICE_HOST=" + cluster.host()).add("KUBERNETES_SERVICE_PORT=" + cluster.port());
        Map<String, String> variables = new HashMap<>();
        for (JsonNode variable : container.get("env")) {
            JsonNode from = variable.path("valueFrom");
            String value = variable.has("value")
                    ? variable.get("value").asText()
                    : switch (from.at("/fieldRef/fieldPath").asText()
                            + from.at("/resourceFieldRef/resource").asText()) {
                        case "spec.nodeName" -> StubCluster.NODE;
                        case "status.hostIP" -> cluster.host();
                        case "status.podIP" -> "127.0.0.1";
                        case "limits.memory" -> bytes(container.at("/resources/limits/memory"));
                        default -> throw new AssertionError("nobody gives " + variable);
                    };
            variables.put(variable.get("name").asText(), value);
            env.add(variable.get("name").asText() + "=" + value);
        }
        ArrayNode args = config.withObject("/process").putArray("args");
        for (String field : List.of("command", "args")) {
            container.get(field).forEach(word -> args.add(expanded(word.asText(), variables)));
        }
        for (JsonNode mount : config.get("mounts")) {
            String destination = mount.get("destination").asText();
            if (destination.equals("/host")) {
                ArrayNode options = (ArrayNode) mount.get("options");
                for (int i = 0; i < options.size(); i++) {
                    if (options.get(i).asText().equals("rprivate")) {
                        options.set(i, options.textNode("rslave"));
                    }
                }
            } else if (destination.equals(ACCOUNT)) {
                Path account = Path.of(mount.get("source").asText());
                try {
                    Files.writeString(account.resolve("token"), StubCluster.AGENT_TOKEN);
                    Files.copy(certificate.certificate(), account.resolve("ca.crt"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static String bytes(JsonNode quantity) {
        return Quantity.getAmountInBytes(Quantity.parse(quantity.asText()))
                .toBigInteger()
                .toString();
    }

    /** With what $(NAME) stands for. */
    private static String expanded(String word, Map<String, String> variables) {
        String text = word;
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            text = text.replace("$(" + variable.getKey() + ")", variable.getValue());
        }
        return text;
    }

    private static HttpClient trustingAnybody() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new javax.net.ssl.TrustManager[] {new Anybody()}, null);
            return HttpClient.newBuilder()
                    .sslContext(context)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError("every Java has TLS", e);
        }
    }

    Running running() {
        return running;
    }

    Path state() {
        return state;
    }

    Proc process() {
        return running.main().process();
    }

    /** Waits until it says that it is ready. */
    void awaitReady() {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .until(() -> get("/readyz?verbose", "").statusCode() == 200);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(running.pod().name() + " does not get ready: " + lastWords(), e);
        }
    }

    /** What it says of itself, and what it wrote into a file that is deleted by now. */
    private String lastWords() {
        StringBuilder words = new StringBuilder();
        try {
            words.append(Files.readString(process().file("fd/2")))
                    .append(Files.readString(process().file("fd/1")));
            words.append(get("/readyz?verbose", "").body());
        } catch (IOException | UncheckedIOException e) {
            words.append(e);
        }
        return words.toString();
    }

    HttpResponse<String> get(String path, String caller) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(15));
        if (!caller.isEmpty()) {
            request.header("Authorization", "Bearer " + StubCluster.tokenOf(caller));
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The open findings of a namespace, as the operator sees them. */
    List<Finding> findings(String namespace) {
        HttpResponse<String> answer = get("/api/v1/findings?namespace=" + namespace, "operator");
        try {
            List<Finding> findings = new ArrayList<>();
            JSON.readTree(answer.body()).get("findings").forEach(each -> findings.add(new Finding(each)));
            return findings;
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(answer.statusCode() + " " + answer.body(), e);
        }
    }

    private static final class Anybody extends javax.net.ssl.X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type, java.net.Socket s) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type, java.net.Socket s) {}

        @Override
        public void checkClientTrusted(
                java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(
                java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
            return new java.security.cert.X509Certificate[0];
        }
    }
}
