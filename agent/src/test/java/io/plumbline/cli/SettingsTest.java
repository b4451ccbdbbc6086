package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {

    @TempDir
    private Path directory;

    private String out = "";
    private String err = "";

    @Test
    void commandLineWinsThenTheEnvironmentThenTheFile() throws IOException {
        Path file = write("""
                # of the node
                listen: 127.0.0.1:1111
                scan-interval: 1m
                state-dir: /of/the file
                no-kubelet: true
                fail-on: low   # of another command
                """);
        int status = run(
                Map.of("PLUMBLINE_SCAN_INTERVAL", "2m", "PLUMBLINE_LISTEN", "127.0.0.1:2222"),
                "serve",
                "--show-config",
                "--config",
                file.toString(),
                "--listen",
                "127.0.0.1:3333");
        assertThat(err).isEmpty();
        assertThat(status).isZero();
        assertThat(out.lines())
                .contains(
                        "listen: 127.0.0.1:3333  # command line",
                        "scan-interval: 2m  # environment PLUMBLINE_SCAN_INTERVAL",
                        "state-dir: '/of/the file'  # " + file + " line 4",
                        "no-kubelet: true  # " + file + " line 5",
                        "proc: /proc  # default",
                        "# pods:  # not set")
                .noneMatch(
                        line -> line.contains("fail-on") || line.contains(" config:") || line.contains("show-config"));
    }

    @Test
    void whatIsShownCanBeReadAgain() throws IOException {
        Path file = write("{\"scan-interval\": \"3s\", \"state-dir\": \"it's: #here\"}");
        assertThat(run(Map.of("PLUMBLINE_CONFIG", file.toString()), "serve", "--show-config"))
                .isZero();
        String first = out;
        Path again = write(first);
        assertThat(run(Map.of(), "serve", "--show-config", "--config=" + again)).isZero();
        assertThat(out.replaceAll("  # .*", "")).isEqualTo(first.replaceAll("  # .*", ""));
        assertThat(out).contains("state-dir: 'it''s: #here'");
    }

    @Test
    void allThatIsWrongIsSaidAtOnceWithWhatWasMeant() throws IOException {
        Path file = write("""
                scan-intervall: 15s
                scan-interval: soon
                entirely-else: 1
                listen: nowhere
                """);
        int status = run(Map.of(), "serve", "--config", file.toString(), "--host-root", "/no/such/directory");
        assertThat(status).isEqualTo(2);
        assertThat(out).isEmpty();
        assertThat(err.lines()).hasSize(5).allMatch(line -> line.startsWith("plumbline serve: "));
        assertThat(err)
                .contains(
                        file + ": line 1: 'scan-intervall' is no setting; did you mean 'scan-interval'?",
                        file + ": line 3: 'entirely-else' is no setting; 'plumbline serve --show-config' lists",
                        "--scan-interval: 'soon' is no time",
                        "--listen: ",
                        "--host-root: /no/such/directory is no directory");
    }

    @Test
    void unknownVariableOfTheEnvironmentIsNamedWithTheOneThatWasMeant() {
        Map<String, String> environment = Map.ofEntries(
                Map.entry("PLUMBLINE_SCAN_INTERVALL", "2m"),
                Map.entry("PLUMBLINE_WHATEVER_ELSE", "1"),
                Map.entry("PLUMBLINE_FAIL_ON", "low"), // of another command
                Map.entry("PLUMBLINE_TAKE_OVER", "true"), // of a command of a command
                Map.entry("PLUMBLINE_NODE_NAME", "n"),
                Map.entry("PLUMBLINE_SERVICE_HOST", "192.0.2.1"),
                Map.entry("PLUMBLINE_METRICS_SERVICE_PORT_HTTPS", "9447"),
                Map.entry("PLUMBLINE_PORT", "tcp://192.0.2.1:9447"),
                Map.entry("PLUMBLINE_PORT_9447_TCP_ADDR", "192.0.2.1"),
                Map.entry("PATH", "/bin"));
        assertThat(run(environment, "serve", "--show-config")).isZero();
        assertThat(err.lines())
                .containsExactly(
                        "plumbline: the environment's PLUMBLINE_SCAN_INTERVALL is no setting and is ignored;"
                                + " did you mean PLUMBLINE_SCAN_INTERVAL?",
                        "plumbline: the environment's PLUMBLINE_WHATEVER_ELSE is no setting and is ignored");
        assertThat(out).contains("scan-interval: 15s  # default");
    }

    /** Who upgrades keeps his file. */
    @Test
    void fileOfTheFirstReleaseIsTakenWholeByTheCommandsOfThisOne() throws IOException {
        String written;
        try (InputStream in = SettingsTest.class.getResourceAsStream("/settings-0.1.0.yaml")) {
            written = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Path file = write(written);
        Set<Integer> taken = new TreeSet<>();
        for (String command : List.of("serve", "scan")) {
            assertThat(run(Map.of(), command, "--show-config", "--config", file.toString()))
                    .as(err)
                    .isZero();
            assertThat(err).isEmpty();
            assertThat(out.lines()).allMatch(line -> line.contains("  # " + file + " line "));
            out.lines()
                    .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                    .map(Integer::valueOf)
                    .forEach(taken::add);
        }
        assertThat(taken).hasSize((int) written.lines().count() - 1);
    }

    /** Who goes back is told what the newer one knew, each with its line, instead of running without it. */
    @Test
    void settingThatOnlyANewerReleaseKnowsIsNamedWithItsLineAndTheRestIsStillJudged() throws IOException {
        Path file = write("scan-interval: 15s\nfleet-wide-quorum: 3\nlisten: nowhere\n");
        assertThat(run(Map.of(), "serve", "--config", file.toString())).isEqualTo(2);
        assertThat(err.lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains(file + ": line 2: 'fleet-wide-quorum' is no setting"),
                        line -> assertThat(line).contains("--listen: "));
    }

    @Test
    void fileThatIsNoneIsALineForEachProblem() throws IOException {
        assertThat(run(
                        Map.of(),
                        "scan",
                        "--config",
                        directory.resolve("nowhere").toString()))
                .isEqualTo(2);
        assertThat(err).isEqualTo("plumbline scan: --config: " + directory.resolve("nowhere") + ": no such file\n");
        assertThat(run(Map.of(), "scan", "--config", write("- a").toString())).isEqualTo(2);
        assertThat(err).contains("line 1, column 1: found a list where lines such as");
        assertThat(run(
                        Map.of(),
                        "scan",
                        "--config",
                        write("proc: [a]\nscan-interval:\n").toString()))
                .isEqualTo(2);
        assertThat(err.lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("line 1, column 1: 'proc' is a list"),
                        line -> assertThat(line).contains("line 2, column 1: 'scan-interval' is nothing"));
        assertThat(run(Map.of(), "scan", "--config", write("proc: a\nproc: b\n").toString()))
                .isEqualTo(2);
        assertThat(err).contains("stands here again");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("plumbline.yaml"), text);
    }

    private int run(Map<String, String> environment, String... words) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        int status = CommandTree.commandLine(environment)
                .setOut(new PrintWriter(output))
                .setErr(new PrintWriter(errors))
                .execute(words);
        out = output.toString();
        err = errors.toString();
        return status;
    }
}
