package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a workload may choose is chosen badly: names, arguments, paths, mount points, cgroups, the number of mounts, and
 * processes that end while they are read. The answer stays one JSON document, the table stays a table, and the findings
 * stay right.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileIT {
    private static final int MOUNTS = 20_000;

    /** Names of threads have at most 15 bytes; arguments may be anything but NUL. */
    private static final Map<String, Bytes> NAMES = new TreeMap<>(Map.of(
            "newlines", bytes("x\nUid:\t0", "sleep\nshop/forged", "FORGED\tcritical\r\nFORGED"),
            "brackets", bytes("sh) S 1 (x", "a) R 1 1 1", "((("),
            "escapes", bytes("\u001b[31m\u001b[2J", "\u001b]0;owned\u0007", "\u009b31m", "\u001b[8mhidden\b\b"),
            "quotes", bytes("\"'`\\", "\",\"severity\":\"info", "\\\"}]}", "\\u0000"),
            "markup", bytes("<script>", "<script>alert(1)</script>", "&lt;b&gt;", "]]>", "{{7*7}}", "${jndi:x}"),
            "direction", bytes("\u202etxt", "\u202e\u2066gnp.exe", "\u200b\ufeff"),
            "not-utf-8", new Bytes(List.of("fffe80c0", "ff", "eda080", "f4908080", "c080", "61ff62")),
            "empty", new Bytes(List.of("", "", "", "20", "0a"))));

    private Node node;
    private Running named;
    private Running longArguments;
    private Running churning;
    private Running mounting;
    private Running drifting;
    private long inOddCgroup;
    private long oddProgram;
    private Scan scan;
    private String table;

    @BeforeAll
    void startThemAndScan() {
        node = Node.with("runc");
        try {
            mounting = node.run(Pod.withContainer("mounting", "{}"));
            long mounter = startMounting();
            named = node.run(Pod.of(manifest("named")));
            longArguments = node.run(command("long-arguments", "[/bin/workload, long, \"131072\"]"));
            churning = node.run(command("churning", "[/bin/workload, churn, \"100\"]"));
            drifting = node.run(Pod.withContainer("drifting", "{runAsNonRoot: true, runAsUser: 1000}"));
            makeDrift();
            new Proc(oddProgram).awaitSettled();
            Awaitility.await("mounts")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> new Proc(mounter).lines("comm").equals(List.of("mounted")));
            var list = node.podList("contradicting.json", this::declareAnotherUser);
            scan = node.scan(list);
            Command asTable = Scan.table(List.of(
                    "--pods", list.toString(), "--host-root", node.hostRoot().toString()));
            table = asTable.text();
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

    @Test
    void everyProcessIsFoundUnderWhateverName() {
        named.containers().forEach((name, container) -> userOf(named, container).in(scan));
    }

    @Test
    void aLongCommandLineDoesNotCrowdOutTheFinding() {
        userOf(longArguments, longArguments.main()).in(scan);
        assertThat(longArguments.main().process().commandLine()).hasSizeGreaterThan(128 * 1024);
        assertThat(scan.report().toString().length()).isLessThan(1_000_000);
    }

    @Test
    void namesKeepTheirMeaningInJson() {
        Finding finding = scan.of(named.container("quotes").pid()).get(0);
        assertThat(finding.json().at("/processes/0/command").asText()).contains("\",\"severity\":\"info");
        assertThat(scan.of(named.container("markup").pid())
                        .get(0)
                        .json()
                        .at("/processes/0/command")
                        .asText())
                .contains("<script>alert(1)</script>");
    }

    @Test
    void theTableHasNoControlCharacters() {
        assertThat(table).isNotBlank();
        assertThat(table.codePoints()
                        .filter(HostileIT::movesTheTerminal)
                        .boxed()
                        .map(Integer::toHexString))
                .isEmpty();
        assertThat(table.lines()).noneMatch(line -> line.startsWith("FORGED"));
    }

    @Test
    void processesThatEndWhileTheyAreReadAreNobodysDrift() {
        assertThat(scan.drift(churning.pod()))
                .allMatch(finding -> finding.check().equals("user"), "only what the list contradicts");
    }

    @Test
    void aTableOfTwentyThousandMountsIsReadToItsEnd() {
        assertThat(mounting.main().process().lines("mountinfo")).hasSizeGreaterThan(MOUNTS);
        // Only the list that is shown to this scan says so; the bundle does not.
        Expected.of(mounting, mounting.main(), "root-filesystem", "high")
                .grantedByRuntime()
                .in(scan);
        assertThat(scan.drift(mounting.pod()))
                .extracting(Finding::check)
                .doesNotContain("undeclared-mount", "proc-mask", "secret-volume");
        assertThat(scan.took()).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aCgroupWithAnOddNameStaysItsContainers() {
        assertThat(scan.of(inOddCgroup))
                .anyMatch(finding -> finding.check().equals("root-user")
                        && finding.text("podUid").equals(drifting.pod().uid()));
    }

    @Test
    void aProgramWithAnOddNameIsFound() {
        Expected.of(drifting, drifting.main(), "executable", "medium")
                .by(oddProgram)
                .in(scan);
    }

    @Test
    void aMountPointWithAnOddNameIsFound() {
        Expected.of(drifting, drifting.main(), "undeclared-mount", "high").in(scan);
    }

    /** It takes some seconds, in which other things can be started. */
    private long startMounting() {
        Running.Container container = mounting.main();
        return node.place()
                .inNamespacesOf(container, "mnt")
                .inCgroupOf(container)
                .run("/bin/workload", "mounts", Integer.toString(MOUNTS), "/tmp");
    }

    private void makeDrift() {
        Running.Container container = drifting.main();
        String odd = container.cgroup() + "/\u001b[31m red";
        node.makeCgroup(odd);
        inOddCgroup = node.place()
                .inCgroup(odd)
                .inNamespacesExcept(container)
                .withRightsOf(container)
                .withUid(0)
                .sleep();
        String marker = Marker.next();
        oddProgram = node.exec(
                container,
                1000,
                "/bin/sh",
                "-c",
                "mkdir '/tmp/\u001b[31m\n'; cp /bin/busybox '/tmp/\u001b[31m\n/sleep';"
                        + " exec '/tmp/\u001b[31m\n/sleep' " + marker);
        Command.succeed(
                node.workload().toString(),
                "attach",
                "/etc",
                container.process().file("ns/mnt").toString(),
                "/tmp/\u001b[2J\nFORGED");
    }

    /** Containers with chosen names as YAML: the bytes in hexadecimal digits, which the workload program decodes. */
    private static String manifest(String pod) {
        var containers = new StringBuilder();
        NAMES.forEach((name, bytes) -> containers.append("\n  - {name: %s, command: [/bin/workload, named, \"%s\"]}"
                .formatted(name, String.join("\", \"", bytes.hex()))));
        return "metadata: {name: %s, namespace: shop}\nspec:\n  containers:%s\n".formatted(pod, containers);
    }

    private static Pod command(String name, String command) {
        return Pod.of("""
                metadata: {name: %s, namespace: shop}
                spec: {containers: [{name: main, command: %s}]}
                """.formatted(name, command));
    }

    private static Expected userOf(Running running, Running.Container container) {
        return new Expected(
                running.pod(),
                container.name(),
                "user",
                "medium",
                "",
                Set.of(container.pid()),
                new Expected.Evidence("/status", "Uid:\t0\t0\t0\t0"));
    }

    /** So that each named process is in a finding, and its name in the output. */
    private void declareAnotherUser(ObjectNode list) {
        for (JsonNode item : list.get("items")) {
            String uid = item.at("/metadata/uid").asText();
            for (JsonNode container : item.at("/spec/containers")) {
                ObjectNode context = ((ObjectNode) container).withObject("/securityContext");
                if (uid.equals(mounting.pod().uid())) {
                    context.put("readOnlyRootFilesystem", true);
                } else if (!uid.equals(drifting.pod().uid())) {
                    context.put("runAsUser", 4242);
                }
            }
        }
    }

    private static boolean movesTheTerminal(int character) {
        return character != '\n'
                && (Character.isISOControl(character) || Character.getType(character) == Character.FORMAT);
    }

    private static Bytes bytes(String... texts) {
        return new Bytes(java.util.Arrays.stream(texts)
                .map(text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)))
                .toList());
    }

    /** The thread's name and the arguments, each in hexadecimal digits. */
    private record Bytes(List<String> hex) {}
}
