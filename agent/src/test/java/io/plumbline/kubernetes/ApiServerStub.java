package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An API server on the loopback, and the client that finds it: what it has and what it does with a request is the test's. */
final class ApiServerStub implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String cluster;

    private ApiServerStub(HttpServer server, String cluster, HttpHandler answers) {
        this.server = server;
        this.cluster = cluster;
        server.createContext("/", exchange -> {
            try (exchange) {
                answers.handle(exchange);
            }
        });
        server.setExecutor(threads);
        server.start();
    }

    /** @param answers a request that it leaves without an answer is hung up on */
    static ApiServerStub start(HttpHandler answers) throws IOException {
        HttpServer server = HttpServer.create(anyPort(), 0);
        return new ApiServerStub(
                server, "server: \"http://127.0.0.1:" + server.getAddress().getPort() + "\"", answers);
    }

    static ApiServerStub startWithTls(HttpHandler answers) throws IOException, GeneralSecurityException {
        TestCertificates certificates = TestCertificates.made();
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.server(TestCertificates.KUBELET)));
        return new ApiServerStub(
                server,
                "server: \"https://127.0.0.1:" + server.getAddress().getPort() + "\", certificate-authority: "
                        + certificates.pem(TestCertificates.CA).toAbsolutePath(),
                answers);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** A client by a kubeconfig that is written into this directory. */
    ApiServerClient client(Path directory) throws IOException, KubeletException {
        return ApiServerClient.of(
                Files.writeString(Files.createTempFile(directory, "kube", "config"), """
            apiVersion: v1
            kind: Config
            current-context: it
            contexts: [{name: it, context: {cluster: it, user: it}}]
            clusters: [{name: it, cluster: {%s}}]
            users: [{name: it, user: {token: t}}]
            """.formatted(cluster)));
    }

    static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Refuses a request because the test wants it so; with 0 by hanging up. */
    static void refuse(HttpExchange exchange, int status) throws IOException {
        if (status != 0) {
            answer(exchange, status, failure(status, "refused with " + status).toString());
        }
    }

    /** The API's word on a request that failed. */
    static ObjectNode failure(int code, String message) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("code", code)
                .put("message", message);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
