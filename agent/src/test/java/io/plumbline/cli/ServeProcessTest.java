package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.AgentMain;
import io.plumbline.CapturedNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code plumbline serve} as a process of its own: how it starts, ends, is killed and starts again. */
@Timeout(180)
class ServeProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory;

    @Test
    void saysItsAddressLastAnswersAndEndsCleanlyOnSigterm() throws Exception {
        Agent agent = new Agent();
        URI url = agent.url();
        await().atMost(PATIENCE).until(() -> findings(url).size() > 0);
        agent.process.destroy();
        assertThat(agent.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.process.exitValue()).isZero();
        assertThat(Files.readString(agent.out)).isEqualTo(url + "\n");
        List<String> log = Files.readAllLines(agent.err);
        assertThat(log).isNotEmpty();
        for (String line : log) {
            assertThat(JSON.readTree(line).path("formattedMessage").asText())
                    .as(line)
                    .isNotBlank();
        }
        assertThat(log).anyMatch(line -> line.contains("\"check\":\"host-mount\""));
    }

    @Test
    void garbageInTheStateDirectoryIsSaidOnceAndKeptAside() throws Exception {
        Path state = Files.createDirectories(directory.resolve("state"));
        Files.writeString(state.resolve("findings.json"), "{\"version\":1,\"open\":[{\"id\":\"half");
        Agent agent = new Agent();
        URI url = agent.url();
        await().atMost(PATIENCE).until(() -> findings(url).size() > 0);
        agent.process.destroy();
        agent.process.waitFor();
        assertThat(Files.readAllLines(agent.err).stream().filter(line -> line.contains("starting afresh")))
                .hasSize(1);
        assertThat(state.resolve("findings.json.bad")).exists();
        assertThat(JSON.readTree(state.resolve("findings.json").toFile()).path("open"))
                .isNotEmpty();
    }

    @Test
    void brokenExceptionsMakeItNotReadyAndTheLastGoodOnesStayInForce() throws Exception {
        String good = "exceptions: [{selector: {kind: drift}, reason: r, owner: o, expires: 2999-01-01}]";
        Path file = Files.writeString(directory.resolve("exceptions.yaml"), good);
        Agent agent = new Agent("--exceptions", file.toString());
        try {
            URI url = agent.url();
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 200 && accepted(url) > 0);
            int accepted = accepted(url);

            Files.writeString(file, "exceptions: [{reason: r}]");
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 503);
            assertThat(ready(url).body())
                    .containsPattern("(?m)^\\[-]exceptions " + file + ": .*'owner' is missing.*"
                            + " 1 of the last good file are in force$");
            assertThat(accepted(url)).isEqualTo(accepted);

            Files.writeString(file, "exceptions: []");
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 200 && accepted(url) == 0);
        } finally {
            agent.process.destroyForcibly().waitFor();
        }
    }

    /** A kubelet without a pod of the API server may have been started just now; a file says what it says. */
    @Test
    void fileThatListsNoPodAnyMoreIsBelieved() throws Exception {
        Path pods = directory.resolve("pods.json");
        Files.copy(CapturedNode.kubernetes().resolve("kubelet-pods.json"), pods);
        Agent agent = new Agent("--pods", pods.toString());
        try {
            URI url = agent.url();
            await().atMost(PATIENCE).until(() -> findings(url).size() > 0);
            assertThat(checks(url)).doesNotContain("orphan-process");

            Files.writeString(pods, "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": []}");
            await().atMost(PATIENCE).until(() -> checks(url).contains("orphan-process"));
            assertThat(ready(url).statusCode()).isEqualTo(200);
        } finally {
            agent.process.destroyForcibly().waitFor();
        }
    }

    private static Set<String> checks(URI url) throws IOException, InterruptedException {
        JsonNode page = JSON.readTree(HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(url.resolve("/api/v1/findings?limit=500"))
                                .build(),
                        BodyHandlers.ofString())
                .body());
        return page.path("findings").findValuesAsText("check").stream().collect(Collectors.toSet());
    }

    @Test
    void changedPoliciesAreInForceAndBrokenOnesMakeItNotReadyWithTheLastGoodOnesInForce() throws Exception {
        Path file = Files.writeString(directory.resolve("policies.yaml"), policy("restricted"));
        Agent agent = new Agent("--policy", file.toString());
        try {
            URI url = agent.url();
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 200 && violations(url) > 0);
            int violations = violations(url);

            Files.writeString(file, policy("restricted").replace("level", "leval"));
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 503);
            assertThat(ready(url).body())
                    .containsPattern(
                            "(?m)^\\[-]policies --policy: " + file + ": .*leval.*; the last good files are in force$");
            assertThat(violations(url)).isEqualTo(violations);

            Files.writeString(file, policy("privileged"));
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 200 && violations(url) == 0);
            assertThat(ready(url).body()).contains("[+]policies in force: " + file);

            Files.delete(file);
            await().atMost(PATIENCE).until(() -> ready(url).statusCode() == 503);
            assertThat(ready(url).body()).contains("no such file");
        } finally {
            agent.process.destroyForcibly().waitFor();
        }
    }

    private static String policy(String level) {
        return "{apiVersion: plumbline.io/v1, kind: PodPolicy, metadata: {name: house}, spec: {level: " + level + "}}";
    }

    private static int violations(URI url) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(url.resolve("/api/v1/findings?kind=policy"))
                                .build(),
                        BodyHandlers.ofString());
        return JSON.readTree(answer.body()).path("total").asInt();
    }

    private static HttpResponse<String> ready(URI url) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url.resolve("/readyz?verbose")).build(), BodyHandlers.ofString());
    }

    /** How many findings somebody accepts. */
    private static int accepted(URI url) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(url.resolve("/api/v1/findings?kind=drift&limit=500"))
                                .build(),
                        BodyHandlers.ofString());
        int accepted = 0;
        for (JsonNode finding : JSON.readTree(answer.body()).path("findings")) {
            accepted += finding.path("exception").isObject() ? 1 : 0;
        }
        return accepted;
    }

    @Test
    void portThatIsTakenIsOneLineAndStatus2() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            refused(
                    "cannot listen on 127.0.0.1:" + taken.getLocalPort(),
                    "--listen",
                    "127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void addressThatOthersCanReachIsRefusedAndSaysWhy() throws Exception {
        refused("no API server to say who may see what", "--listen", "0.0.0.0:9447");
        assertThat(refusals("--tls-cert-file", "tls.crt"))
                .satisfiesExactly(
                        line -> assertThat(line).contains("--tls-cert-file and --tls-private-key-file belong together"),
                        line -> assertThat(line).contains("no API server to say who may see what"));
        refused(
                "--kubeconfig: " + directory.resolve("nosuch"),
                "--kubeconfig",
                directory.resolve("nosuch").toString());
    }

    @Test
    void wrongWordsAreOneLineAndStatus2() throws Exception {
        refused("--scan-interval: 'soon' is no time", "--scan-interval", "soon");
        refused("did you mean '--scan-interval'?", "--scan-intervall=15s");
        refused("--proc: ", "--proc", directory.resolve("nosuch").toString());
        Path file = Files.writeString(directory.resolve("file"), "");
        refused("--state-dir: " + file, "--state-dir", file.toString());
        refused("--no-kubelet excludes --pods", "--no-kubelet");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        String nowhere = directory.resolve("nosuch").toString();
        assertThat(refusals(
                        "--listen=nowhere",
                        "--scan-interval=soon",
                        "--policy=" + nowhere,
                        "--tls-cert-file=tls.crt",
                        "--kubeconfig=" + nowhere + ".kubeconfig",
                        "--publish=report,everything",
                        "--no-kubelet",
                        "--task-iterator=on",
                        "--proc=" + nowhere,
                        "--state-dir=" + file))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("--listen: "),
                        line -> assertThat(line).contains("--scan-interval: 'soon'"),
                        line -> assertThat(line).contains("--policy: " + nowhere),
                        line -> assertThat(line).contains("--tls-cert-file and --tls-private-key-file"),
                        line -> assertThat(line).contains("--kubeconfig: " + nowhere),
                        line -> assertThat(line).contains("--publish: 'everything'"),
                        line -> assertThat(line).contains("--publish: NODE_NAME is not set"),
                        line -> assertThat(line).contains("--no-kubelet excludes --pods"),
                        line -> assertThat(line).contains("--task-iterator: 'on'"),
                        line -> assertThat(line).contains("--proc: " + nowhere),
                        line -> assertThat(line).contains("--state-dir: " + file));
    }

    private void refused(String why, String... options) throws IOException {
        assertThat(refusals(options)).singleElement().asString().contains(why);
    }

    /** In this very process: it never gets as far as staying. */
    private List<String> refusals(String... options) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = CommandTree.commandLine(Map.of())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(words(List.of(options)).toArray(String[]::new));
        assertThat(status).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        List<String> lines = err.toString().lines().toList();
        assertThat(lines).allSatisfy(line -> assertThat(line).startsWith("plumbline serve: "));
        return lines;
    }

    /** Over the captured node, on a port that the kernel chooses, unless the options say otherwise. */
    private List<String> words(List<String> given) {
        List<String> words = new ArrayList<>(List.of("serve"));
        unlessGiven(words, given, "--listen", "127.0.0.1:0");
        unlessGiven(words, given, "--scan-interval", "100ms");
        unlessGiven(words, given, "--state-dir", directory.resolve("state").toString());
        unlessGiven(
                words,
                given,
                "--proc",
                CapturedNode.kubernetes().resolve("proc").toString());
        unlessGiven(
                words, given, "--host-root", CapturedNode.kubernetesBundles().toString());
        unlessGiven(
                words,
                given,
                "--pods",
                CapturedNode.kubernetes().resolve("kubelet-pods.json").toString());
        words.addAll(given);
        return words;
    }

    private static void unlessGiven(List<String> words, List<String> given, String option, String value) {
        if (given.stream().noneMatch(word -> word.equals(option) || word.startsWith(option + "="))) {
            words.addAll(List.of(option, value));
        }
    }

    private static Map<String, String> findings(URI url) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(url.resolve("/api/v1/findings?limit=500"))
                                .build(),
                        BodyHandlers.ofString());
        Map<String, String> found = new TreeMap<>();
        for (JsonNode finding : JSON.readTree(answer.body()).path("findings")) {
            found.put(finding.path("id").asText(), finding.path("firstSeen").asText());
        }
        return found;
    }

    private final class Agent {
        private final Path out = Files.createTempFile(directory, "out", "");
        private final Path err = Files.createTempFile(directory, "err", "");
        private final Process process;

        Agent(String... options) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    AgentMain.class.getName()));
            command.addAll(words(List.of(options)));
            process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
        }

        URI url() {
            await().atMost(PATIENCE).until(() -> {
                assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
                return Files.readString(out).endsWith("/\n");
            });
            try {
                return URI.create(Files.readString(out).strip());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
