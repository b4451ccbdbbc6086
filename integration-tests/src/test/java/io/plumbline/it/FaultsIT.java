package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What an agent has to live through. One drift is open before each fault, another comes during it: afterwards both are there, the first
 * with the id and the first sighting that it had, and in the pods that are as declared nothing was ever found. The table of it all is
 * {@code docs/faults.md}; {@code -Dgolden.write=true} writes it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FAULTS = 9;
    private static final Path TABLE = Machine.repository().resolve("docs/faults.md");
    private static final String HEAD = """
            # Faults

            How `plumbline serve` behaves under each fault, and where that shows. Each line is a test in `FaultsIT` with real
            containers: one drift is open before the fault and another occurs during it. Afterwards both are open, the first with its original id and
            first sighting, and nothing was ever found in pods that are as declared. `FaultsIT` writes this table.

            | fault | behaviour | where it shows |
            | --- | --- | --- |
            """;

    private final Map<Integer, String> rows = new TreeMap<>();
    private final List<Long> placed = new ArrayList<>();
    private Node node;
    private Running before;
    private Running during;
    private Path pods;
    private Path state;
    private Undo undo;
    private Serving agent;

    @BeforeAll
    void startPods() {
        node = Node.with("runc");
        before = node.run(nonRoot("before"));
        during = node.run(nonRoot("during"));
        node.run(nonRoot("as-declared"));
        root(before);
    }

    private static Pod nonRoot(String name) {
        return Pod.of("""
                metadata: {name: %s, namespace: faults}
                spec: {containers: [{name: main, securityContext: {runAsNonRoot: true, runAsUser: 1000}}]}
                """.formatted(name));
    }

    /** A process of root in a container that promised to have none. */
    private long root(Running pod) {
        long pid = DriftAfterStart.inside(node, pod.main()).withUid(0).sleep();
        new Proc(pid).awaitSettled();
        return pid;
    }

    @AfterAll
    void compareTable() throws IOException {
        if (node == null) {
            return;
        }
        node.close();
        // A run of one test alone has no table.
        if (rows.size() < FAULTS) {
            return;
        }
        String table = HEAD + String.join("", rows.values());
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(TABLE.getParent());
            Files.writeString(TABLE, table);
        }
        assertThat(TABLE).hasContent(table);
    }

    private void row(int number, String fault, String behaviour, String shows) {
        rows.put(number, "| " + fault + " | " + behaviour + " | " + shows + " |\n");
    }

    private Serving start(String... more) throws IOException {
        if (undo == null) {
            undo = new Undo();
            pods = node.podList("faults.json", list -> {});
            state = Files.createTempDirectory(node.directory(), "state-");
        }
        return restart(more);
    }

    private Serving restart(String... more) throws IOException {
        var options = new ArrayList<>(List.of(
                "--pods",
                pods.toString(),
                "--host-root",
                node.hostRoot().toString(),
                "--state-dir",
                state.toString(),
                "--scan-interval",
                "500ms"));
        options.addAll(List.of(more));
        agent = Serving.start(node.directory(), options).scanned();
        await("the drift that was there before").atMost(PATIENCE).until(() -> open().containsKey("before"));
        return agent;
    }

    @AfterEach
    void stop() {
        placed.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
        placed.clear();
        if (agent != null) {
            agent.close();
            agent = null;
        }
        if (undo != null) {
            undo.close();
            undo = null;
        }
    }

    /** The other drift. */
    private void driftComes() {
        placed.add(root(during));
    }

    /** Drift by pod: id and first sighting. */
    private Map<String, String> open() {
        var open = new TreeMap<String, String>();
        for (JsonNode finding : agent.get("/api/v1/findings?kind=drift&namespace=faults&limit=500")
                .path("findings")) {
            assertThat(finding.path("check").asText()).as(finding.toString()).isEqualTo("root-user");
            assertThat(finding.path("pod").asText()).isNotEqualTo("as-declared");
            open.put(
                    finding.path("pod").asText(),
                    finding.path("id").asText() + " since "
                            + finding.path("firstSeen").asText());
        }
        return open;
    }

    private void awaitBoth(String first) {
        await("both drifts")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(open()).containsOnlyKeys("before", "during").containsEntry("before", first));
    }

    private long scans() {
        return (long) agent.metric("plumbline_scan_duration_seconds_count");
    }

    private void awaitScans(int more) {
        long now = scans();
        await(more + " scans").atMost(PATIENCE).until(() -> scans() >= now + more);
    }

    @Order(1)
    @Test
    void killed() throws Exception {
        start();
        String first = open().get("before");
        Path remembered = state.resolve("findings.json");
        String id = first.substring(0, first.indexOf(' '));
        await("it is remembered")
                .atMost(PATIENCE)
                .until(() ->
                        Files.exists(remembered) && Files.readString(remembered).contains(id));
        agent.kill();
        driftComes();
        restart();
        awaitBoth(first);
        row(1, "SIGKILL, then a restart", "nothing", "findings keep id and `firstSeen`");
    }

    @Order(2)
    @Test
    void stopped() throws Exception {
        start();
        String first = open().get("before");
        Command.succeed("kill", "-STOP", Long.toString(agent.pid()));
        driftComes();
        // Another comes and goes again, which nobody can see: it is not invented afterwards.
        long gone = root(during);
        ProcessHandle.of(gone).ifPresent(ProcessHandle::destroyForcibly);
        Command.succeed("kill", "-CONT", Long.toString(agent.pid()));
        awaitBoth(first);
        row(
                2,
                "SIGSTOP for some seconds, then SIGCONT",
                "nothing",
                "`plumbline_scan_last_success_timestamp_seconds` stands still");
    }

    @Order(3)
    @Test
    void starvedOfProcessorTime() throws Exception {
        start();
        String first = open().get("before");
        // What the DaemonSet asks for, as if the node gave not a bit more.
        Limit.of("cpu", undo)
                .set("cpu.cfs_period_us", "100000")
                .set("cpu.cfs_quota_us", "5000")
                .apply(agent.pid());
        driftComes();
        awaitBoth(first);
        row(
                3,
                "a twentieth of a CPU, the DaemonSet's request",
                "scans take longer and are less frequent; each is complete",
                "`plumbline_scan_duration_seconds`");
    }

    @Order(4)
    @Test
    void diskFull() throws Exception {
        start();
        agent.close();
        Command.succeed("mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "faults", state.toString());
        undo.add("tmpfs", () -> Command.succeed("umount", "-l", state.toString()));
        restart();
        String first = open().get("before");
        Path filler = state.resolve("filler");
        fill(filler);
        driftComes();
        awaitBoth(first);
        await("it says so")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(agent.text("/readyz?verbose"))
                        .contains("[+]state is not kept: ")
                        .contains("No space left on device"));
        Files.delete(filler);
        String both = open().toString();
        driftComes();
        await("it is kept again")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(agent.text("/readyz?verbose")).contains("[+]state is kept in"));
        await().atMost(PATIENCE)
                .until(() -> Files.readString(state.resolve("findings.json")).contains("\"during\""));
        agent.kill();
        restart();
        awaitBoth(first);
        assertThat(open()).hasToString(both);
        row(
                4,
                "the disk with the state directory is full",
                "finds as before; the last state stays intact on disk, and is updated when there is room again",
                "`readyz?verbose`: `state is not kept: ... No space left on device`; `/api/v1/node`: `agent.stateTrouble`; the log, once");
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    @Order(5)
    @Test
    void withoutDescriptors() throws Exception {
        start();
        String first = open().get("before");
        String pid = Long.toString(agent.pid());
        Command.succeed("prlimit", "--pid", pid, "--nofile=4:4096");
        driftComes();
        // No answer needs a new descriptor: the connection is there.
        await("it says so").atMost(PATIENCE).until(() -> agent.log().contains("EMFILE"));
        await("it is not ready")
                .atMost(PATIENCE)
                .until(() -> agent.text("/readyz?verbose").contains("EMFILE"));
        Thread.sleep(2000);
        assertThat(agent.log()).doesNotContain("closed " + first);
        Command.succeed("prlimit", "--pid", pid, "--nofile=4096:4096");
        awaitBoth(first);
        assertThat(agent.log()).doesNotContain("closed " + first);
        row(
                5,
                "no file descriptor is left",
                "no scan; what is open stays open",
                "the log, once, and `readyz`: `no scan: ... EMFILE`; `/api/v1/node`: `agent.scanTrouble`");
    }

    @Order(6)
    @Test
    void withoutPids() throws Exception {
        start();
        String first = open().get("before");
        Limit.of("pids", undo).set("pids.max", "1").apply(agent.pid());
        driftComes();
        awaitBoth(first);
        row(6, "no new thread may start (cgroup `pids.max`)", "scans and answers as before", "nowhere: it needs none");
    }

    @Order(7)
    @Test
    void procIsUnmounted() throws Exception {
        undo = new Undo();
        pods = node.podList("faults.json", list -> {});
        state = Files.createTempDirectory(node.directory(), "state-");
        Path proc = Files.createTempDirectory(node.directory(), "proc-");
        Command.succeed("mount", "-t", "proc", "proc", proc.toString());
        undo.add("another /proc", () -> {
            if (Files.exists(proc.resolve("1"))) {
                Command.succeed("umount", "-l", proc.toString());
            }
        });
        restart("--proc", proc.toString());
        String first = open().get("before");
        Command.succeed("umount", "-l", proc.toString());
        driftComes();
        awaitBoth(first);
        awaitScans(2);
        row(
                7,
                "the `/proc` mount that it reads is unmounted",
                "goes on reading, because it holds the directory open",
                "nowhere: nothing is lost");
    }

    @Order(8)
    @Test
    void listOfPodsIsGone() throws Exception {
        start();
        String first = open().get("before");
        Path aside = pods.resolveSibling("aside.json");
        Files.move(pods, aside);
        driftComes();
        awaitBoth(first);
        await("it says so").atMost(PATIENCE).untilAsserted(() -> {
            JsonNode kubelet = agent.get("/api/v1/node").path("kubelet");
            assertThat(kubelet.path("stale").asBoolean()).isTrue();
            assertThat(kubelet.path("trouble").asText()).contains("no such file");
        });
        Files.writeString(pods, "{\"kind\": \"PodList\", \"items\": [{");
        awaitScans(2);
        awaitBoth(first);
        Files.move(aside, pods, StandardCopyOption.REPLACE_EXISTING);
        await("it answers again")
                .atMost(PATIENCE)
                .until(() -> !agent.get("/api/v1/node").at("/kubelet/stale").asBoolean());
        awaitBoth(first);
        row(
                8,
                "the list of pods cannot be fetched, or is truncated",
                "uses the last complete one",
                "`/api/v1/node`: `kubelet.stale`, `kubelet.trouble`; `readyz` if it lasts; the log, once");
    }

    @Order(9)
    @Test
    void stateDirectoryIsRemoved() throws Exception {
        start();
        String first = open().get("before");
        Files.move(state, state.resolveSibling(state.getFileName() + "-gone"));
        driftComes();
        awaitBoth(first);
        Path remembered = state.resolve("findings.json");
        await("it is kept again")
                .atMost(PATIENCE)
                .until(() ->
                        Files.exists(remembered) && Files.readString(remembered).contains("\"during\""));
        assertThat(agent.log()).contains("was removed or replaced");
        String both = open().toString();
        agent.kill();
        restart();
        awaitBoth(first);
        assertThat(open()).hasToString(both);
        row(
                9,
                "the state directory is removed, or another is in its place",
                "makes it and locks it again with the next write, at most a minute later",
                "the log: `was removed or replaced`; where that is not possible, as when the disk is full");
    }
}
