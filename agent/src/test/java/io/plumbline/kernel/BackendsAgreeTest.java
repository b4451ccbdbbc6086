package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.MountTable;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The C library and JNA alone see the same node. */
class BackendsAgreeTest {

    private static void assertSame(Path proc) throws IOException {
        try (NodeReader library = NodeReader.open(ProcRoot.at(proc), Backend.library());
                NodeReader java = NodeReader.open(ProcRoot.at(proc), Backend.java())) {
            assertSame(library.snapshot(), java.snapshot());
        }
    }

    static void assertSame(NodeSnapshot one, NodeSnapshot other) {
        assertThat(one.facts().reader().backend()).isEqualTo("native");
        assertThat(other.facts().reader().backend()).isEqualTo("java: libplumbline.so not found");
        assertThat(one.processes()).hasSameSizeAs(other.processes());
        assertThat(differences(byKey(one), byKey(other))).isEmpty();
        assertThat(values(one.facts(), Set.of("reader"))).isEqualTo(values(other.facts(), Set.of("reader")));
        assertThat(one.unreadable()).isEqualTo(other.unreadable());
        assertThat(one.vanished()).isEqualTo(other.vanished());
    }

    private static Map<ProcessKey, ProcessSnapshot> byKey(NodeSnapshot node) {
        return byKey(node.processes());
    }

    static Map<ProcessKey, ProcessSnapshot> byKey(List<ProcessSnapshot> processes) {
        return processes.stream().collect(Collectors.toMap(ProcessSnapshot::key, process -> process));
    }

    /** Of processes that are in both, the fields in which they differ, with both values. */
    static Set<String> differences(
            Map<ProcessKey, ProcessSnapshot> one, Map<ProcessKey, ProcessSnapshot> other, String... but) {
        Set<String> differences = new TreeSet<>();
        one.forEach((key, process) -> {
            if (other.containsKey(key)) {
                Map<String, String> values = values(process, Set.of(but));
                Map<String, String> others = values(other.get(key), Set.of(but));
                values.forEach((field, value) -> {
                    if (!value.equals(others.get(field))) {
                        differences.add(key.pid() + " " + field + ": " + value + " / " + others.get(field));
                    }
                });
            }
        });
        return differences;
    }

    /** The components of a record as text; a mount table has none of its own. */
    private static Map<String, String> values(Record record, Set<String> but) {
        Map<String, String> values = new TreeMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            if (but.contains(component.getName())) {
                continue;
            }
            try {
                Object value = component.getAccessor().invoke(record);
                if (value instanceof Reading<?> reading) {
                    value = reading.map(inner -> inner instanceof MountTable table ? table.mounts() : inner);
                }
                values.put(component.getName(), String.valueOf(value));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return values;
    }

    @Test
    void onTheCapturedNode() throws IOException {
        assertSame(CapturedNode.kubernetes().resolve("proc"));
    }

    @Test
    void onTheCapturedContainers() throws IOException {
        assertSame(CapturedNode.containersProc());
        assertSame(CapturedNode.containersProcV1());
    }

    @Test
    void onAHostileTree() throws IOException {
        try (ProcFixture tree = new ProcFixture()) {
            Path directory = tree.proc();
            tree.process(1).namespace("mnt", 4026531840L).namespace("pid", 4026531836L);
            tree.process(3)
                    .file("stat", ProcFixture.stat(3, "a) S\nb (\u001b[31m\u00ff", 'S', 1))
                    .file("cmdline", "a".repeat(131_072) + "\0b\0")
                    .file(
                            "mountinfo",
                            IntStream.range(0, 20_000)
                                    .mapToObj(i -> i + " 1 0:" + i + " / /mnt\\040" + i + " rw - tmpfs tmpfs rw\n")
                                    .collect(Collectors.joining()))
                    .namespace("mnt", 5);
            tree.process(4)
                    .file(
                            "status",
                            ProcFixture.model("status")
                                    .replace(
                                            "Groups:\t0 ",
                                            IntStream.range(0, 65536)
                                                    .mapToObj(Integer::toString)
                                                    .collect(Collectors.joining(" ", "Groups:\t", " "))));
            tree.process(5).file("status", "Uid:\t0\t0\t0\n");
            tree.process(6).file("status", "Name:\tx\n");
            tree.process(7).without("status");
            tree.process(8).without("stat");
            tree.process(9).file("stat", "9 (no stat");
            tree.process(10).file("cgroup", "no cgroup").file("uid_map", "x").file("mountinfo", "x\n");
            tree.process(11)
                    .link("ns/mnt", "net:[1]")
                    .link("ns/net", "/etc/passwd")
                    .link("exe", "/\u00e4 (deleted)");
            tree.process(12).file("attr/current", "kernel\0");
            tree.process(13).file("attr/apparmor/current", "x (y) (complain)\n").file("attr/current", "other\n");
            tree.process(14).without("exe").without("cmdline").without("cgroup").without("mountinfo");
            Files.createDirectories(directory.resolve("15"));
            Files.createDirectories(tree.process(16).directory().resolve("attr/current"));
            tree.process(17).without("cgroup").link("cgroup", "/proc/self/cgroup");
            tree.process(18)
                    .file("stat", ProcFixture.stat(18, "threads", 'S', 3))
                    .file("status", ProcFixture.model("status").replace("Threads:\t1", "Threads:\t3"))
                    .file("task/18/status", ProcFixture.model("status"))
                    .file("task/19/status", ProcFixture.model("status").replace("NoNewPrivs:\t0", "NoNewPrivs:\t1"))
                    .file("task/20/status", ProcFixture.model("status").replace("Groups:\t0 ", "Groups:\t0 7 "))
                    .file("task/21/status", ProcFixture.model("status"));
            threadsElsewhere(tree.process(30), 30);
            tree.process(22)
                    .file("stat", ProcFixture.stat(22, "threads", 'S', 2))
                    .file("status", ProcFixture.model("status").replace("Threads:\t1", "Threads:\t2"))
                    .file("task/23/status", "Uid:\t0\n");
            deadLeader(tree.process(24), 24, 25);
            Files.writeString(directory.resolve("26"), "no directory");
            Files.createDirectories(directory.resolve("0"));
            Files.createDirectories(directory.resolve("007"));
            Files.createDirectories(directory.resolve("99999999999"));
            assertSame(directory);
        }
    }

    /** Threads 31 to 38 of a leader without ns/uts: where they are, where nobody knows, and one that lacks a status. */
    private static void threadsElsewhere(ProcFixture.ProcessDirectory process, int pid) throws IOException {
        process.file("stat", ProcFixture.stat(pid, "threads", 'S', 9))
                .file("status", ProcFixture.model("status").replace("Threads:\t1", "Threads:\t9"))
                .namespace("mnt", 5)
                .namespace("net", 6)
                .namespace("user", 7)
                .namespace("pid", 8)
                .link("ns/ipc", "ipc:[x]");
        for (int tid = pid + 1; tid <= pid + 8; tid++) {
            process.file("task/" + tid + "/status", ProcFixture.model("status"));
        }
        process.link("task/31/ns/mnt", "mnt:[5]")
                .link("task/31/ns/net", "net:[6]")
                .link("task/32/ns/mnt", "mnt:[55]")
                .link("task/33/ns/net", "net:[66]")
                .link("task/33/ns/mnt", "mnt:[5]")
                .link("task/34/ns/mnt", "/etc/passwd")
                .link("task/35/ns/uts", "uts:[9]")
                .link("task/36/ns/user", "user:[77]")
                .link("task/36/ns/pid", "pid:[88]")
                .link("task/37/ns/ipc", "ipc:[y]")
                .file("task/38/status", ProcFixture.model("status").replace("NoNewPrivs:\t0", "NoNewPrivs:\t1"))
                .link("task/38/ns/user", "user:[77]");
    }

    /** A leader that has ended before its threads; what it lacks they still have. */
    static void deadLeader(ProcFixture.ProcessDirectory process, int pid, int tid) {
        String thread = "task/" + tid + "/";
        process.file("stat", ProcFixture.stat(pid, "leader", 'Z', 2))
                .file(
                        "status",
                        ProcFixture.model("status")
                                .replace("Threads:\t1", "Threads:\t2")
                                .replace("State:\tS (sleeping)", "State:\tZ (zombie)"))
                .without("exe")
                .file("task/" + pid + "/stat", ProcFixture.stat(pid, "leader", 'Z', 2))
                .file("task/" + pid + "/status", ProcFixture.model("status"))
                .file(thread + "stat", ProcFixture.stat(tid, "thread", 'S', 2))
                .file(thread + "status", ProcFixture.model("status"))
                .file(thread + "cgroup", "0::/of/the/thread\n")
                .file(thread + "cmdline", "thread\0")
                .file(thread + "mountinfo", ProcFixture.model("mountinfo"))
                .file(thread + "uid_map", ProcFixture.model("uid_map"))
                .file(thread + "gid_map", ProcFixture.model("gid_map"))
                .link(thread + "root", "/")
                .link(thread + "exe", "/bin/hidden")
                .link(thread + "ns/mnt", "mnt:[77]");
    }

    /** Others come, go and call exec between two scans, so a difference counts only if it stays. */
    @Test
    void onThisMachine() throws IOException {
        try (Child sleeper = Child.start("sleep", "60").running("sleep");
                NodeReader library = NodeReader.open(ProcRoot.ofThisMachine(), Backend.library());
                NodeReader java = NodeReader.open(ProcRoot.ofThisMachine(), Backend.java())) {
            Set<String> staying = differencesNow(library, java, sleeper);
            for (int attempt = 0; attempt < 10 && !staying.isEmpty(); attempt++) {
                staying.retainAll(differencesNow(library, java, sleeper));
            }
            assertThat(staying).isEmpty();
        }
    }

    private static Set<String> differencesNow(NodeReader library, NodeReader java, Child known) throws IOException {
        Map<ProcessKey, ProcessSnapshot> one = byKey(library.snapshot());
        Map<ProcessKey, ProcessSnapshot> other = byKey(java.snapshot());
        assertThat(one.keySet()).anyMatch(key -> key.pid() == known.pid());
        assertThat(other.keySet()).anyMatch(key -> key.pid() == known.pid());
        // Not this JVM, whose threads come and go; and not what changes while nothing does.
        one.keySet().removeIf(key -> key.pid() == ProcessHandle.current().pid());
        return differences(one, other, "state");
    }
}
