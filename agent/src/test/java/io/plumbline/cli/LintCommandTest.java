package io.plumbline.cli;

import static io.plumbline.cli.Manifests.BAD;
import static io.plumbline.cli.Manifests.BROKEN;
import static io.plumbline.cli.Manifests.GOOD;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.ThreadRights;
import io.plumbline.checks.policy.PolicyCheck;
import io.plumbline.checks.policy.PolicyChecks;
import io.plumbline.cli.Commands.Result;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LintCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void exitStatusTellsAllowedFromViolatingFromNotJudged() throws Exception {
        String good = file("good.yaml", GOOD);
        String bad = file("bad.yaml", BAD);
        String broken = file("broken.yaml", BROKEN);
        assertThat(Commands.run("lint", good).status()).isZero();
        assertThat(Commands.run("lint", good, bad).status()).isEqualTo(1);
        assertThat(Commands.run("lint", good, broken).status()).isEqualTo(2);
        assertThat(Commands.run("lint", bad, broken).status()).isEqualTo(2);
        assertThat(Commands.run("lint", "--level", "privileged", good, bad).status())
                .isZero();
        assertThat(Commands.run("lint", "--level", "restricted", good).status()).isEqualTo(1);
    }

    @Test
    void levelAndVersionChooseTheChecks() throws Exception {
        String pod =
                file("pod.yaml", GOOD.replace("{containers", "{securityContext: {runAsNonRoot: true}, containers"));
        assertThat(violated("--level", "restricted", "--version", "v1.0", pod)).isEmpty();
        assertThat(violated("--level", "restricted", "--version", "v1.8", pod))
                .containsExactly("allow-privilege-escalation");
        assertThat(violated("--level", "restricted", "--version", "v1.22", pod))
                .containsExactly("allow-privilege-escalation", "capabilities-restricted", "seccomp-profile-restricted");
        assertThat(violated("--level", "restricted", pod))
                .isEqualTo(violated("--level", "restricted", "--version", "v1.37", pod));
        assertThat(violated(pod)).isEqualTo(violated("--level", "baseline", "--version", "latest", pod));
    }

    @Test
    void optionsStandInTheEnvironmentToo() throws Exception {
        String good = file("good.yaml", GOOD);
        assertThat(Commands.run(Map.of("PLUMBLINE_LEVEL", "restricted"), "lint", good)
                        .status())
                .isEqualTo(1);
        assertThat(Commands.run(Map.of("PLUMBLINE_LEVEL", "restricted"), "lint", "--level", "baseline", good)
                        .status())
                .isZero();
    }

    @Test
    void versionThatIsNotKnownYetIsJudgedByTheNewestAndSaidSo() throws Exception {
        Result result = Commands.run("lint", "--version", "v1.99", file("good.yaml", GOOD));
        assertThat(result.status()).isZero();
        assertThat(result.err())
                .isEqualTo("plumbline lint: v1.99 is newer than the newest version known here; judged by v1.37\n");
        assertThat(result.out()).contains("allowed by baseline v1.37");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--level high | plumbline lint: --level: 'high' is no level; use privileged, baseline or restricted",
                "--version 1.29 | plumbline lint: --version: '1.29' is no version; use latest, or v1.0 to v1.37",
                "--output xml | plumbline lint: --output: 'xml' is unknown; use table, json, sarif or junit",
                "- - | plumbline lint: '-' can be read only once; leave the others out",
                "--levle baseline | plumbline lint: unknown option '--levle'; did you mean '--level'? ('plumbline lint --help' lists the options)",
            })
    void wrongOptionsAreOneLineAndNothingIsJudged(String options, String message) throws Exception {
        List<String> words = new ArrayList<>(List.of("lint"));
        words.addAll(List.of(options.split(" ", -1)));
        words.add(file("good.yaml", GOOD));
        Result result = Commands.run(words.toArray(new String[0]));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEqualTo(message + "\n");
    }

    @Test
    void allThatIsWrongWithTheOptionsIsSaidAtOnceALineForEach() {
        assertThat(Commands.run("lint", "--level", "a", "--version", "b", "--output", "c", "-")
                        .err()
                        .lines())
                .containsExactly(
                        "plumbline lint: --level: 'a' is no level; use privileged, baseline or restricted",
                        "plumbline lint: --version: 'b' is no version; use latest, or v1.0 to v1.37",
                        "plumbline lint: --output: 'c' is unknown; use table, json, sarif or junit");
    }

    @Test
    void withoutAFileThereIsNothingToDo() {
        Result result = Commands.run("lint");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).startsWith("plumbline lint: missing parameter: 'FILE'");
        assertThat(Commands.run("lint", "--help").out()).contains("--level", "--version", "junit", "Exit status");
    }

    @Test
    void fileThatCannotBeJudgedIsOneLineAndTheOthersAreJudged() throws Exception {
        String bad = file("bad.yaml", BAD);
        String missing = directory.resolve("missing.yaml").toString();
        Result result = Commands.run(
                "lint", missing, bad, file("empty.yaml", ""), file("broken.yaml", GOOD + "---\n" + BROKEN));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err().lines())
                .containsExactly(
                        "plumbline lint: " + missing + ": no such file",
                        "plumbline lint: " + directory + "/empty.yaml: empty: no object in it",
                        "plumbline lint: " + directory
                                + "/broken.yaml: line 7, column 6: not YAML: mapping values are not allowed here");
        assertThat(result.out())
                .contains(bad + ":1: Pod bad: violates baseline v1.37")
                .contains("1 object in 4 files: 0 allowed by baseline v1.37, 1 not, 3 files not judged.");
    }

    @Test
    void directoryIsReadDownToItsLastManifest() throws Exception {
        file("b/c/deep.YML", GOOD);
        file("a.yaml", GOOD);
        file("b/x.json", "{\"kind\": \"Service\"}");
        file("b/notes.txt", "no manifest");
        Files.createSymbolicLink(directory.resolve("link.yaml"), directory.resolve("a.yaml"));
        Files.createSymbolicLink(directory.resolve("b/loop"), directory);
        JsonNode files = JSON.readTree(Commands.run("lint", "--output", "json", directory.toString())
                        .out())
                .get("files");
        assertThat(files.findValuesAsText("file"))
                .containsExactly(
                        directory + "/a.yaml",
                        directory + "/b/c/deep.YML",
                        directory + "/b/x.json",
                        directory + "/link.yaml");
        Result nothing = Commands.run(
                "lint", Files.createDirectory(directory.resolve("empty")).toString());
        assertThat(nothing.status()).isEqualTo(2);
        assertThat(nothing.err())
                .isEqualTo("plumbline lint: " + directory + "/empty: no *.yaml, *.yml or *.json in this directory\n");
    }

    @Test
    void whatMayNotBeReadIsNamed() throws Exception {
        Path secret = Path.of(file("secret.yaml", GOOD));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        Result result = ThreadRights.withoutCapabilities(() -> Commands.run("lint", secret.toString()));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo(
                        "plumbline lint: " + secret + ": permission denied (EACCES); make it readable for this user\n");
    }

    @Test
    @ResourceLock(Resources.SYSTEM_OUT)
    void dashIsStandardInput() throws Exception {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(BAD.getBytes(UTF_8)));
        try {
            Result result = Commands.run("lint", "--output", "json", "-");
            assertThat(result.status()).isEqualTo(1);
            assertThat(JSON.readTree(result.out()).at("/files/0/file").asText()).isEqualTo("-");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void upstreamsCasesOf129AreAnsweredInOneCall() throws Exception {
        for (String level : List.of("baseline", "restricted")) {
            Path pass = Path.of(
                    Objects.requireNonNull(LintCommandTest.class.getResource("/pod-security/" + level + "/v1.29/pass"))
                            .toURI());
            Path fail = pass.resolveSibling("fail");
            assertThat(Commands.run("lint", "--level", level, "--version", "v1.29", pass.toString())
                            .status())
                    .isZero();
            JsonNode files = JSON.readTree(Commands.run(
                                    "lint", "--level", level, "--version", "v1.29", "--output", "json", fail.toString())
                            .out())
                    .get("files");
            assertThat(files.size()).isGreaterThanOrEqualTo(29);
            assertThat(files)
                    .allSatisfy(
                            file -> assertThat(file.at("/documents/0/allowed").asBoolean())
                                    .as(file.get("file").asText())
                                    .isFalse());
        }
    }

    @Test
    void explainKnowsThePolicysChecksToo() {
        Result one = Commands.run("explain", "host-ports");
        assertThat(one.status()).isZero();
        assertThat(one.out())
                .contains(
                        "host-ports (kind policy, severity medium)",
                        "A container takes no port of the host.",
                        "ports[*].hostPort of every container. Allowed: unset, 0.");
        Result all = Commands.run("explain");
        for (PolicyCheck check : PolicyChecks.all()) {
            assertThat(all.out()).contains(check.id() + " ");
        }
        assertThat(Commands.run("explain", "host-port").out()).contains("kind drift");
        assertThat(Commands.run("explain", "sysctl").err()).contains("did you mean 'sysctls'?");
    }

    @Test
    void tenThousandManifestsFitIntoALittleMemory() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            file("p" + i + ".yaml", (i % 2 == 0 ? GOOD : BAD) + "#" + "x".repeat(500));
        }
        Path out = directory.resolve("out.txt");
        Path err = directory.resolve("err.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.plumbline.AgentMain",
                        "lint",
                        "--output",
                        "json",
                        directory.toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.readString(err).lines().filter(line -> !line.contains("still reading")))
                .isEmpty();
        assertThat(process.exitValue()).isEqualTo(1);
        List<JsonNode> allowed = JSON.readTree(out.toFile()).get("files").findValues("allowed");
        assertThat(allowed).hasSize(10_000);
        assertThat(allowed.stream().filter(JsonNode::asBoolean)).hasSize(5_000);
    }

    private List<String> violated(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("lint", "--output", "json"));
        all.addAll(List.of(words));
        return JSON.readTree(Commands.run(all.toArray(new String[0])).out()).findValuesAsText("check");
    }

    private String file(String name, String text) throws IOException {
        return Manifests.write(directory.resolve(name), text);
    }
}
