package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A real Prometheus scrapes a real agent over TLS with the token of an account that may, judges by the rules of the chart, and a real
 * Alertmanager hands on what came of real drift in a real container.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MonitoringIT {
    private static final Path CHART = Machine.repository().resolve("daemonset/chart/files");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(45);

    private final List<JsonNode> received = new CopyOnWriteArrayList<>();
    private Node node;
    private Running victim;
    private ServerCertificate certificate;
    private HttpClient http;
    private String agent;
    private String prometheus;
    private long intruder;

    @BeforeAll
    void startAgentPrometheusAndAlertmanager() throws IOException {
        Path prometheusProgram = Machine.needsProgram("prometheus");
        Path alertmanagerProgram = Machine.needsProgram("prometheus-alertmanager");
        Machine.needsProgram("promtool");
        node = Node.with("runc");
        try {
            victim = node.run(Pod.ofDeployment("{name: main}"));
            certificate = ServerCertificate.make(node.directory());
            http = HttpClient.newBuilder().sslContext(certificate.context()).build();
            agent = startAgent();
            int alertmanager = startAlertmanager(alertmanagerProgram, startReceiver());
            prometheus = startPrometheus(prometheusProgram, alertmanager);
            awaitFirstScrape();
        } catch (RuntimeException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    private String startAgent() throws IOException {
        Roles roles = Roles.of(Machine.repository().resolve("daemonset/install.yaml"));
        StubCluster cluster = StubCluster.start(
                roles,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                true,
                () -> KubeletPods.of(node.pods()),
                certificate,
                node.undo());
        Path token = Files.writeString(node.directory().resolve("agent.token"), StubCluster.AGENT_TOKEN);
        Path kubeconfig = Files.writeString(node.directory().resolve("kubeconfig"), """
            apiVersion: v1
            kind: Config
            current-context: it
            contexts: [{name: it, context: {cluster: it, user: it}}]
            clusters: [{name: it, cluster: {server: "%s", certificate-authority: %s}}]
            users: [{name: it, user: {token: %s}}]
            """.formatted(
                        cluster.url(), certificate.certificate(), StubCluster.AGENT_TOKEN));
        int port = DriftBetweenPods.freePort();
        start(
                "agent",
                Machine.repository().resolve("plumbline").toString(),
                "serve",
                "--listen=127.0.0.1:" + port,
                "--scan-interval=1s",
                "--tls-cert-file=" + certificate.certificate(),
                "--tls-private-key-file=" + certificate.key(),
                "--kubeconfig=" + kubeconfig,
                "--kubelet-url=" + cluster.url(),
                "--kubelet-ca=" + certificate.certificate(),
                "--kubelet-token-file=" + token,
                "--host-root=" + node.hostRoot(),
                "--state-dir=" + node.directory().resolve("state"));
        return "127.0.0.1:" + port;
    }

    private int startReceiver() throws IOException {
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            try (exchange) {
                JSON.readTree(exchange.getRequestBody()).get("alerts").forEach(received::add);
                exchange.sendResponseHeaders(200, -1);
            }
        });
        receiver.start();
        node.undo().add("receiver of alerts", () -> receiver.stop(0));
        return receiver.getAddress().getPort();
    }

    private int startAlertmanager(Path program, int receiver) throws IOException {
        Path config = Files.writeString(node.directory().resolve("alertmanager.yml"), """
            route: {receiver: it, group_by: [alertname], group_wait: 1s, group_interval: 1s}
            receivers: [{name: it, webhook_configs: [{url: "http://127.0.0.1:%d/"}]}]
            """.formatted(receiver));
        int port = DriftBetweenPods.freePort();
        start(
                "alertmanager",
                program.toString(),
                "--config.file=" + config,
                "--storage.path=" + node.directory().resolve("alertmanager"),
                "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:" + port);
        return port;
    }

    private String startPrometheus(Path program, int alertmanager) throws IOException {
        StringBuilder jobs = new StringBuilder();
        for (String job : List.of("prometheus", "stranger", "nobody")) {
            Path token = Files.writeString(node.directory().resolve(job + ".token"), StubCluster.tokenOf(job));
            jobs.append("""
                  - job_name: %s
                    scheme: https
                    authorization: {credentials_file: %s}
                    tls_config: {ca_file: %s}
                    static_configs: [{targets: ["%s"], labels: {node: plumbline-it}}]
                """.formatted(
                            job.equals("prometheus") ? "plumbline" : job, token, certificate.certificate(), agent));
        }
        Path config = Files.writeString(node.directory().resolve("prometheus.yml"), """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [%s]
            alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%d"]}]}]}
            scrape_configs:
            %s
            """.formatted(
                        CHART.resolve("alerts.yml"), alertmanager, jobs));
        int port = DriftBetweenPods.freePort();
        start(
                "prometheus",
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + node.directory().resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port);
        return "http://127.0.0.1:" + port;
    }

    /** The launcher may have to build first. */
    private void awaitFirstScrape() throws IOException {
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .ignoreExceptions()
                    .until(() -> !query("plumbline_scan_last_success_timestamp_seconds{job=\"plumbline\"}")
                            .isEmpty());
        } catch (ConditionTimeoutException e) {
            StringBuilder logs = new StringBuilder();
            for (String name : List.of("agent", "prometheus", "alertmanager")) {
                logs.append(name)
                        .append(":\n")
                        .append(Files.readString(node.directory().resolve(name + ".log")));
            }
            throw new AssertionError(logs.toString(), e);
        }
    }

    private void start(String name, String... command) throws IOException {
        Path log = node.directory().resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        node.undo().add(name, () -> {
            process.destroy();
            if (!process.waitFor(20, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(name + " does not end: " + Files.readString(log));
            }
        });
    }

    @Order(1)
    @Test
    void theAccountThatMayIsServedAndNoOther() {
        Map<String, String> said = Map.of("plumbline", "", "stranger", "403", "nobody", "401");
        // Before its first scrape, each at a moment of its own, a target is "unknown".
        Awaitility.await("a scrape of each")
                .atMost(SOON)
                .until(() -> !prometheus("/api/v1/targets")
                        .at("/data/activeTargets")
                        .findValuesAsText("health")
                        .contains("unknown"));
        for (JsonNode target : prometheus("/api/v1/targets").at("/data/activeTargets")) {
            String job = target.at("/labels/job").asText();
            assertThat(target.get("health").asText()).as(job).isEqualTo(job.equals("plumbline") ? "up" : "down");
            assertThat(target.get("lastError").asText()).as(job).contains(said.get(job));
        }
    }

    @Order(2)
    @Test
    void itsLinterHasNothingAgainstTheMetricsAsTheyAreServed() throws IOException {
        Path text = Files.writeString(node.directory().resolve("metrics.txt"), metrics());
        Command lint = Command.run(
                Duration.ofSeconds(20),
                new ProcessBuilder("sh", "-c", "promtool check metrics <\"$0\"", text.toString()));
        assertThat(lint.status()).as(lint.text() + lint.errors()).isZero();
    }

    @Order(2)
    @Test
    void aNodeIsFewSeries() {
        assertThat(query("count({job=\"plumbline\"})").get(0).at("/value/1").asInt())
                .isBetween(20, 500);
    }

    @Order(2)
    @Test
    void everyQueryOfTheDashboardAndOfTheAlertsIsOneThatPrometheusAnswersAndNamesMetricsThatAre() throws IOException {
        Set<String> there = new TreeSet<>();
        // A finding opens with the second scan, and what it is counted by is there from then on.
        Awaitility.await("a finding").atMost(SOON).until(() -> {
            prometheus("/api/v1/label/__name__/values").get("data").forEach(name -> there.add(name.asText()));
            return there.contains("plumbline_findings");
        });
        List<String> queries = new ArrayList<>();
        JSON.readTree(CHART.resolve("dashboard.json").toFile())
                .findValues("expr")
                .forEach(e -> queries.add(e.asText()));
        new YAMLMapper()
                .readTree(CHART.resolve("alerts.yml").toFile())
                .findValues("expr")
                .forEach(e -> queries.add(e.asText()));
        assertThat(queries).hasSizeGreaterThan(15);
        for (String each : queries) {
            query(each.replace("$namespace", ".*"));
            assertThat(Pattern.compile("\\b(plumbline|process|jvm)_[a-z_]+")
                            .matcher(each)
                            .results()
                            .map(match -> match.group())
                            .filter(name -> !there.contains(name)))
                    .as(each)
                    .isEmpty();
        }
    }

    @Order(3)
    @Test
    void realDriftWakesSomebody() {
        intruder = node.place()
                .inCgroupOf(victim.main())
                .inNamespacesExcept(victim.main())
                .withIdentityOf(victim.main())
                .withCapabilities(Capabilities.mask(List.of("CAP_CHOWN", "CAP_SYS_ADMIN")))
                .sleep();
        JsonNode alert = await("firing");
        assertThat(alert.at("/labels").toString())
                .contains("\"severity\":\"critical\"")
                .contains("\"namespace\":\"shop\"")
                .contains("\"workload\":\"web\"")
                .contains("\"check\":\"capabilities\"")
                .contains("\"node\":\"plumbline-it\"");
        assertThat(alert.at("/annotations/runbook_url").asText()).endsWith("/alerts/PlumblineFindingCritical.md");
    }

    @Order(4)
    @Test
    void andLetsThemSleepAgainWhenItIsGone() {
        ProcessHandle.of(intruder).ifPresent(ProcessHandle::destroyForcibly);
        await("resolved");
    }

    private JsonNode await(String status) {
        return Awaitility.await("an alert that is " + status)
                .atMost(SOON)
                .until(
                        () -> received.stream()
                                .filter(alert -> alert.get("status").asText().equals(status)
                                        && alert.at("/labels/alertname")
                                                .asText()
                                                .equals("PlumblineFindingCritical")
                                        // other tests may run beside this one
                                        && alert.at("/labels/workload").asText().equals("web"))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow();
    }

    private String metrics() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + agent + "/metrics"))
                .header("Authorization", "Bearer " + StubCluster.tokenOf("prometheus"))
                .build();
        return send(request);
    }

    private JsonNode query(String expression) {
        JsonNode answer = prometheus("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        assertThat(answer.get("status").asText())
                .as("%s: %s", expression, answer)
                .isEqualTo("success");
        return answer.at("/data/result");
    }

    private JsonNode prometheus(String path) {
        try {
            return JSON.readTree(
                    send(HttpRequest.newBuilder(URI.create(prometheus + path)).build()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
