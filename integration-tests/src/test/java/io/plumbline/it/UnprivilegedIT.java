package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A scan by nobody, of a {@code /proc} that shows little, or of one that shows nothing of others (hidepid, proc(5)). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UnprivilegedIT {
    private Node node;
    private List<String> asNobody;
    private Scan open;
    private Scan hidden;

    @BeforeAll
    void scanAsNobody() throws IOException {
        node = Node.with("crun");
        try {
            asNobody = List.of(
                    Machine.needsProgram("setpriv").toString(),
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    "--inh-caps=-all",
                    "--no-new-privs",
                    "env",
                    "HOME=/nonexistent");
            Path launcher = Machine.repository().resolve("plumbline");
            var probe = new ArrayList<>(asNobody);
            probe.addAll(List.of("test", "-r", launcher.toString()));
            Machine.needs(
                    Command.run(java.time.Duration.ofSeconds(10), probe).status() == 0,
                    "a clone that other users may read: " + launcher);
            Stream.of(Settings.named(), Settings.cgroups())
                    .flatMap(List::stream)
                    .forEach(setting -> node.run(setting.pod()));
            node.pods().stream()
                    .flatMap(running -> running.all().stream())
                    .forEach(container -> container.process().awaitSettled());
            Path hiding = node.directory().resolve("proc");
            Files.createDirectory(hiding);
            Command.succeed("mount", "-t", "proc", "-o", "hidepid=2", "proc", hiding.toString());
            node.undo().add("proc with hidepid", () -> Command.succeed("umount", hiding.toString()));
            open = scan();
            hidden = scan("--proc", hiding.toString());
        } catch (RuntimeException | IOException | AssertionError e) {
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

    @Test
    void whatNobodyMayReadIsUndeterminedAndSaysWhy() {
        assertThat(open.undetermined()).isNotEmpty();
        assertThat(open.undetermined())
                .as("a file of another's process, and the error that reading it gave")
                .anyMatch(each -> isRefused(each, "/proc/" + firstPid()));
    }

    @Test
    void nothingIsFoundInPodsThatAreAsDeclared() {
        for (Running running : node.pods()) {
            assertThat(open.drift(running.pod())).as(running.pod().name()).isEmpty();
            assertThat(hidden.drift(running.pod())).as(running.pod().name()).isEmpty();
        }
    }

    @Test
    void aProcThatHidesTheProcessesIsNotAnEmptyNode() {
        assertThat(hidden.undetermined()).isNotEmpty();
    }

    @Test
    void theTableSaysThatMuchCouldNotBeRead() {
        Command table = Scan.table(
                asNobody,
                List.of(
                        "--pods",
                        node.podList("pods.json", list -> {}).toString(),
                        "--host-root",
                        node.hostRoot().toString()));
        assertThat(table.status()).isIn(0, 1);
        assertThat(table.text()).contains("undetermined");
    }

    private Scan scan(String... more) {
        var options = new ArrayList<>(List.of(
                "--pods",
                node.podList("pods.json", list -> {}).toString(),
                "--host-root",
                node.hostRoot().toString()));
        options.addAll(List.of(more));
        return Scan.json(asNobody, options);
    }

    private long firstPid() {
        return node.pods().get(0).main().pid();
    }

    private static boolean isRefused(JsonNode undetermined, String file) {
        String text = undetermined.toString();
        return text.contains(file) && (text.contains("EACCES") || text.contains("EPERM"));
    }
}
