package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The machine that the tests run on, by JNA alone. {@link LiveNodeByLibraryTest} is the same by the C library. */
class LiveNodeTest {

    private NodeReader reader;

    NativeHelpers helpers() {
        return Backend.java();
    }

    @BeforeEach
    void open() throws IOException {
        reader = NodeReader.open(ProcRoot.ofThisMachine(), helpers());
    }

    @AfterEach
    void close() {
        if (reader != null) {
            reader.close();
        }
    }

    private NodeSnapshot read() throws IOException {
        return reader.snapshot();
    }

    @Test
    void readerFindsItself() throws IOException {
        NodeSnapshot node = read();
        NodeFacts.Reader self = node.facts().reader();
        assertThat(self.pid()).isEqualTo((int) ProcessHandle.current().pid());
        ProcessSnapshot process = Child.find(node, self.pid()).orElseThrow();
        assertThat(Parsed.value(process.credentials()).uids().effective()).isEqualTo(self.uid());
        assertThat(Parsed.value(process.credentials()).effective()).isEqualTo(self.effective());
        assertThat(process.executable())
                .isEqualTo(Reading.of(ProcessHandle.current().info().command().orElseThrow()));
        assertThat(process.kernelThread()).isFalse();
    }

    @Test
    void processThatIsReadAgainIsNewAndTheOthersAreAsTheyWere() throws IOException {
        NodeSnapshot before = read();
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            NodeSnapshot after =
                    reader.snapshotAfter(Set.of(child.pid(), 4_000_000)).orElseThrow();
            assertThat(child.in(after).executable().observed().orElseThrow()).endsWith("sleep");
            assertThat(child.in(after).mounts()).isInstanceOf(Reading.Observed.class);
            assertThat(after.processes()).hasSize(before.processes().size() + 1);
            assertThat(after.processes()).containsAll(before.processes());
            assertThat(after.processes()).isSortedAccordingTo(Comparator.comparing(ProcessSnapshot::pid));
            assertThat(after.facts().takenAt()).isAfterOrEqualTo(before.facts().takenAt());
            assertThat(after.facts().hostNamespaces()).isEqualTo(before.facts().hostNamespaces());
            child.process().destroyForcibly();
            Awaitility.await().until(() -> !child.process().isAlive());
            NodeSnapshot ended = reader.snapshotAfter(Set.of(child.pid())).orElseThrow();
            assertThat(Child.find(ended, child.pid())).isEmpty();
            assertThat(ended.processes()).isEqualTo(before.processes());
        }
        assertThat(reader.snapshotAfter(Set.of(4_000_000))).isEmpty();
    }

    @Test
    void timesAreOfThisBoot() throws IOException {
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            NodeSnapshot node = read();
            Instant started = node.facts().startOf(child.in(node).key()).orElseThrow();
            assertThat(started)
                    .isBetween(
                            Instant.now().minus(Duration.ofMinutes(2)),
                            Instant.now().plus(Duration.ofSeconds(3)));
            assertThat(node.facts().takenAt())
                    .isBetween(
                            Instant.now().minus(Duration.ofMinutes(1)),
                            Instant.now().plus(Duration.ofSeconds(3)));
            assertThat(Parsed.value(node.facts().lastCapability())).isGreaterThanOrEqualTo(37);
            assertThat(node.facts().kernelRelease()).isEqualTo(System.getProperty("os.version"));
        }
    }

    @Test
    void argumentsOf128KibibytesAreCut() throws IOException {
        String huge = "a".repeat(130_000);
        try (Child child = Child.start("sh", "-c", "sleep 60; true", huge).running("dash", "bash", "busybox", "sh")) {
            ProcessSnapshot process = child.in(read());
            assertThat(process.commandLine().cut()).isTrue();
            assertThat(process.commandLine().arguments()).startsWith("sh", "-c", "sleep 60; true");
            assertThat(String.join("\0", process.commandLine().arguments())).hasSize(CmdlineFile.LIMIT);
        }
    }

    @Test
    void nameAndArgumentsOfAnyBytesAreText() throws IOException {
        // $0 is one argument with a newline, a terminal escape and a byte that is no UTF-8.
        String script =
                "exec sh -c 'printf \"x) S 1 (\\n\\377\" >/proc/$$/comm; read line' \"$(printf 'a\\n\\033[31m\\377')\"";
        try (Child child = Child.start("sh", "-c", script)) {
            Path comm = Path.of("/proc/" + child.pid() + "/comm");
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.readAllBytes(comm)[0] == 'x');
            ProcessSnapshot process = child.in(read());
            assertThat(process.comm()).isEqualTo("x) S 1 (\n\ufffd");
            assertThat(process.commandLine().arguments()).last().isEqualTo("a\n\u001b[31m\ufffd");
            assertThat(process.parent()).isEqualTo((int) ProcessHandle.current().pid());
        }
    }

    /** Trap 23 */
    @Test
    void zombieIsOneAndHasNoExecutable() throws IOException {
        // sleep does not wait for the child that it inherits.
        try (Child child = Child.start("sh", "-c", "true & exec sleep 60").running("sleep")) {
            int zombie = Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(
                            () -> read().processes().stream()
                                    .filter(process -> process.parent() == child.pid() && process.isZombie())
                                    .mapToInt(ProcessSnapshot::pid)
                                    .findFirst()
                                    .orElse(0),
                            pid -> pid != 0);
            ProcessSnapshot process = Child.find(read(), zombie).orElseThrow();
            assertThat(process.executable()).isEqualTo(new Reading.Absent<>(process.file("exe")));
            assertThat(process.mounts()).isEqualTo(new Reading.Absent<>(process.file("mountinfo")));
            assertThat(process.namespaces().inode(NamespaceType.MNT))
                    .isEqualTo(new Reading.Absent<>(process.file("ns/mnt")));
            assertThat(process.credentials().observed()).isPresent();
            assertThat(process.threads()).isEqualTo(Reading.of(List.of()));
        }
    }

    /** Trap 22: threads have their own rights, and a leader that has ended must not hide those of the others. */
    @Test
    void threadsAreReadAlsoOfALeaderThatHasEnded() throws Exception {
        String source = """
                #include <pthread.h>
                #include <sys/prctl.h>
                #include <unistd.h>
                static void *plain(void *unused) { pause(); return unused; }
                static void *other(void *unused) { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); pause(); return unused; }
                int main(int argc, char **argv) {
                    pthread_t thread;
                    (void)argv;
                    pthread_create(&thread, 0, plain, 0);
                    pthread_create(&thread, 0, other, 0);
                    if (argc > 1) pthread_exit(0);
                    pause();
                }
                """;
        try (Scratch scratch = new Scratch()) {
            Path program = CProgram.compiled(scratch, "threads", source);
            try (Child living = Child.start(program.toString()).running("threads");
                    Child dead = Child.start(program.toString(), "x")) {
                Path state = Path.of("/proc/" + dead.pid() + "/stat");
                Awaitility.await().until(() -> Files.readString(state).contains(") Z "));
                Awaitility.await().untilAsserted(() -> {
                    NodeSnapshot node = read();
                    for (ProcessSnapshot process : List.of(living.in(node), dead.in(node))) {
                        assertThat(process.isZombie()).isFalse();
                        assertThat(process.executable()).isEqualTo(Reading.of(program.toString()));
                        assertThat(process.namespaces().inode(NamespaceType.MNT))
                                .isEqualTo(node.facts().hostNamespace(NamespaceType.MNT));
                        assertThat(process.mounts().observed()).isPresent();
                        List<ThreadSnapshot> threads = Parsed.value(process.threads());
                        assertThat(threads).hasSize(1);
                        assertThat(threads.get(0).credentials().noNewPrivileges())
                                .hasValue(true);
                        assertThat(Parsed.value(process.credentials()).noNewPrivileges())
                                .hasValue(false);
                    }
                });
            }
        }
    }

    @Test
    void processesThatEndWhileTheyAreReadLeaveNothingHalfRead() throws IOException {
        try (Child storm = Child.start("sh", "-c", "while :; do /bin/true & /bin/true; done")) {
            int met = 0;
            for (int round = 0; round < 40; round++) {
                NodeSnapshot node = read();
                met += node.vanished();
                for (ProcessSnapshot process : node.processes()) {
                    met += process.parent() == storm.pid() ? 1 : 0;
                    assertThat(process.credentials().trouble()).isEmpty();
                    if (process.isZombie() || process.kernelThread()) {
                        continue;
                    }
                    assertThat(process.namespaces().inode(NamespaceType.MNT))
                            .as(process.toString())
                            .isNotInstanceOf(Reading.Absent.class);
                    assertThat(process.executable()).as(process.toString()).isNotInstanceOf(Reading.Absent.class);
                }
            }
            assertThat(met).isPositive();
        }
    }

    @Test
    void waitingSocketsAreJoinedWithTheirProcess() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
                DatagramSocket udp = new DatagramSocket(new InetSocketAddress(loopback, 0));
                DatagramSocket connected = new DatagramSocket(new InetSocketAddress(loopback, 0));
                Child other = Child.start("sleep", "60").running("sleep")) {
            connected.connect(loopback, udp.getLocalPort());
            NodeSnapshot node = read();
            ProcessSnapshot self = Child.find(node, node.facts().reader().pid()).orElseThrow();
            var answers = reader.listeningSockets(List.of(self, other.in(node)));
            List<ListeningSocket> mine = Parsed.value(answers.get(self.key()));
            assertThat(mine)
                    .anyMatch(socket -> socket.protocol().equals("TCP") && socket.port() == tcp.getLocalPort())
                    .anyMatch(socket -> socket.protocol().equals("UDP") && socket.port() == udp.getLocalPort())
                    .noneMatch(socket -> socket.port() == connected.getLocalPort())
                    .allMatch(socket -> socket.source().startsWith(self.file("net/")));
            assertThat(answers.get(other.in(node).key())).isEqualTo(Reading.of(List.of()));
        }
    }

    @Test
    void socketsOfAProcessThatHasEndedAreNotAnothers() throws IOException {
        ProcessSnapshot ended;
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            ended = child.in(read());
        }
        assertThat(reader.listeningSockets(List.of(ended)).get(ended.key()))
                .isEqualTo(new Reading.Unreadable<>(ended.file("stat"), "ESRCH"));
    }

    @Test
    void snapshotsLeaveNoDescriptorOpen() throws IOException {
        read();
        read(); // with the second comes the kernel's iterator, which stays open
        long before = descriptors();
        for (int i = 0; i < 5; i++) {
            read();
        }
        assertThat(descriptors()).isLessThanOrEqualTo(before);
    }

    private static long descriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
