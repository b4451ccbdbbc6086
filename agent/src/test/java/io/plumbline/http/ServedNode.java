package io.plumbline.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.CapturedNode;
import io.plumbline.SketchedProfiles;
import io.plumbline.checks.Check;
import io.plumbline.checks.drift.DriftChecks;
import io.plumbline.http.MetricsText.Exposition;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.metrics.AgentMetrics;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.PolicySet;
import io.plumbline.runtime.BundleInventory;
import io.plumbline.scan.NodeFileReader;
import io.plumbline.scan.NodeScan;
import io.plumbline.scan.Policies;
import io.plumbline.serve.ScanLoop;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The whole agent but its command line, over a copy of a captured node that a test may change, on a port of the loopback. */
final class ServedNode implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofMillis(250);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;
    private final Path node;
    private final Path aside;
    private final NodeReader kernel;
    private final AgentHttp http;
    private final ScanLoop loop;
    private final HttpClient client;

    ServedNode(Limits limits) throws IOException {
        this(limits, Optional.empty(), HttpClient.newBuilder());
    }

    /** @param browser knows whom to trust */
    ServedNode(Limits limits, Optional<Guard> guard, HttpClient.Builder browser) throws IOException {
        client = browser.version(HttpClient.Version.HTTP_1_1).build();
        directory = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "served-");
        node = directory.resolve("node");
        aside = Files.createDirectories(directory.resolve("aside"));
        copy(CapturedNode.kubernetes(), node);
        kernel = NodeReader.open(ProcRoot.at(node.resolve("proc")).withHostRoot(CapturedNode.kubernetesBundles()));
        AgentMetrics metrics = new AgentMetrics("1.2.3");
        http = AgentHttp.start(
                ListenAddress.parse("127.0.0.1:0"),
                new Content(
                        "1.2.3",
                        "https://docs.example/runbooks",
                        () -> DriftChecks.all().stream().map(Check::description).toList(),
                        accept -> new Exposition(metrics.contentType(accept), metrics.text(accept)),
                        InstantSource.system()),
                limits,
                guard);
        Policies policies = Policies.of(PolicySet.NONE);
        loop = new ScanLoop(
                new NodeScan(
                        kernel,
                        Optional.of(new BundleInventory(CapturedNode.kubernetesBundles())),
                        "captured",
                        () -> policies,
                        NodeFileReader.NONE,
                        uses -> SketchedProfiles.ofANode(),
                        List::of)::run,
                Optional.of(this::declared),
                Optional.empty(),
                INTERVAL,
                InstantSource.system(),
                (state, changes) -> {
                    metrics.publish(state, changes);
                    http.publish(state, changes);
                });
    }

    /** Scans from now on; before that nothing was ever scanned. */
    ServedNode scanning() {
        loop.start();
        return this;
    }

    private DeclaredNode declared() throws IOException {
        try {
            return new PodsFile(pods()).read();
        } catch (KubeletException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    Path pods() {
        return node.resolve("kubelet-pods.json");
    }

    /** As if the kernel showed this. */
    void write(int pid, String file, String content) throws IOException {
        Files.writeString(process(pid).resolve(file), content);
    }

    /** As if it had ended. */
    void take(int pid) throws IOException {
        Files.move(process(pid), aside.resolve("" + pid), StandardCopyOption.ATOMIC_MOVE);
    }

    void bringBack(int pid) throws IOException {
        Files.move(aside.resolve("" + pid), process(pid), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path process(int pid) {
        return node.resolve("proc").resolve("" + pid);
    }

    URI url(String path) {
        return http.url().resolve(path);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(url(path)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
    }

    HttpResponse<Stream<String>> stream() throws IOException, InterruptedException {
        return stream(HttpRequest.newBuilder(url("/api/v1/stream")));
    }

    HttpResponse<Stream<String>> stream(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofLines());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path).body());
    }

    int status(String path) {
        try {
            return get(path).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        loop.close();
        http.close();
        kernel.close();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }
}
