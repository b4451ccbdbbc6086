package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.ThreadRights;
import io.plumbline.model.Mount;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine that the tests run on, when the kernel's task iterator says whom to read. */
class IteratorTest {

    private static final String ITERATOR = "iterator";

    /** What changes while nothing does, or is read at another moment. */
    private static final String[] VOLATILE = {"state"};

    private static NodeReader open() throws IOException {
        return NodeReader.open(ProcRoot.ofThisMachine(), Backend.library());
    }

    @BeforeEach
    void needsIterator() throws IOException {
        try (NodeReader reader = open()) {
            reader.snapshot();
            String backend = reader.snapshot().facts().reader().backend();
            Assumptions.assumeTrue(backend.equals(ITERATOR), backend);
        }
    }

    /** What is said of it comes from itself, from a namespace that it alone is in, or, as it has another root, from nobody else. */
    private static Child sleeper(int round, int kind) {
        String sleep = "exec sleep 6" + round % 10;
        List<String> command = switch (kind) {
            case 0 -> List.of("sh", "-c", sleep);
            case 1 -> List.of("unshare", "-m", "sh", "-c", sleep);
            case 2 -> List.of("unshare", "-U", "-r", "sh", "-c", sleep);
            default ->
                List.of("unshare", "-m", "sh", "-c", "mount --rbind / /mnt && exec chroot /mnt " + sleep.substring(5));
        };
        return Child.start(command.toArray(String[]::new)).running("sleep");
    }

    /** Some start, some end, some call exec: after each round all know the same processes, and the same of them. */
    @Test
    void whatItTellsAndWhatTheSchedulerTellsIsWhatAFullScanTells() throws IOException {
        Random random = new Random(20261121);
        List<Child> children = new ArrayList<>();
        try (NodeReader iterator = open();
                NodeReader scheduler = NodeReader.openWithoutIterator(ProcRoot.ofThisMachine());
                NodeReader full = NodeReader.open(ProcRoot.ofThisMachine(), Backend.java())) {
            for (int round = 0; round < 12; round++) {
                for (int i = random.nextInt(4); i > 0 && !children.isEmpty(); i--) {
                    children.remove(random.nextInt(children.size())).close();
                }
                for (int i = random.nextInt(4); i > 0; i--) {
                    children.add(sleeper(round, random.nextInt(4)));
                }
                Set<Integer> ours = pids(children);
                // Some are read alone in between, some of them for the first time.
                Set<Integer> alone = new TreeSet<>(ours);
                alone.removeIf(pid -> random.nextBoolean());
                iterator.snapshotAfter(alone);
                scheduler.snapshotAfter(alone);
                for (int i = random.nextInt(3); i > 0 && !children.isEmpty(); i--) {
                    children.remove(random.nextInt(children.size())).close();
                }
                ours.retainAll(pids(children));
                NodeSnapshot one = iterator.snapshot();
                assertThat(one.facts().reader().backend()).isEqualTo(ITERATOR);
                NodeSnapshot all = full.snapshot();
                assertSame(one, all, ours);
                assertSame(scheduler.snapshot(), all, ours);
            }
        } finally {
            children.forEach(Child::close);
        }
    }

    private static void assertSame(NodeSnapshot one, NodeSnapshot other, Set<Integer> ours) {
        assertThat(pids(one, ours)).isEqualTo(ours);
        assertThat(BackendsAgreeTest.differences(
                        BackendsAgreeTest.byKey(of(one, ours)), BackendsAgreeTest.byKey(of(other, ours)), VOLATILE))
                .isEmpty();
        // Others come and go between the two, but not hundreds.
        assertThat(one.processes().size())
                .isBetween(other.processes().size() - 100, other.processes().size() + 100);
    }

    private static Set<Integer> pids(List<Child> children) {
        return children.stream().map(Child::pid).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Integer> pids(NodeSnapshot node, Set<Integer> wanted) {
        return node.processes().stream()
                .map(ProcessSnapshot::pid)
                .filter(wanted::contains)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<ProcessSnapshot> of(NodeSnapshot node, Set<Integer> pids) {
        return node.processes().stream()
                .filter(process -> pids.contains(process.pid()))
                .toList();
    }

    /** Nobody's credentials change with a mount, so no process is new: the table is read again all the same. */
    @Test
    void aMountInALivingContainerIsSeenByTheNextScan() throws IOException {
        String program = "mount -t tmpfs one /mnt && exec sleep 60";
        try (Child child = Child.start("unshare", "-m", "sh", "-c", program).running("sleep");
                NodeReader reader = open()) {
            reader.snapshot();
            reader.snapshot();
            assertThat(mountPoints(child.in(reader.snapshot())))
                    .contains("/mnt")
                    .doesNotContain("/mnt/inner");
            run(
                    "nsenter",
                    "-m",
                    "-t",
                    "" + child.pid(),
                    "sh",
                    "-c",
                    "mkdir /mnt/inner && mount -t tmpfs two /mnt/inner");
            assertThat(mountPoints(child.in(reader.snapshot()))).contains("/mnt/inner");
            run("nsenter", "-m", "-t", "" + child.pid(), "mount", "-o", "remount,ro", "/mnt/inner");
            assertThat(child.in(reader.snapshot())
                            .mounts()
                            .observed()
                            .orElseThrow()
                            .mounts())
                    .filteredOn(mount -> mount.mountPoint().equals("/mnt/inner"))
                    .allMatch(mount -> mount.superOptions().contains("ro"));
            run("nsenter", "-m", "-t", "" + child.pid(), "umount", "/mnt/inner");
            assertThat(mountPoints(child.in(reader.snapshot()))).doesNotContain("/mnt/inner");
        }
    }

    /** A file system that is made read-only in one namespace is so wherever it is mounted, and the kernel tells of that one alone. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void optionsOfAFileSystemAreSeenInEveryNamespaceThatHasIt(boolean lookedBetween) throws IOException {
        try (Child one = Child.start("unshare", "-m", "sh", "-c", "mount -t tmpfs one /mnt && exec sleep 60")
                        .running("sleep");
                Child other = Child.start("nsenter", "-m", "-t", "" + one.pid(), "unshare", "-m", "sleep", "60")
                        .running("sleep");
                NodeReader reader = open()) {
            reader.snapshot();
            reader.snapshot();
            assertThat(optionsOfMnt(other.in(reader.snapshot()))).contains("rw");
            run("nsenter", "-m", "-t", "" + one.pid(), "mount", "-o", "remount,ro", "/mnt");
            if (lookedBetween) {
                reader.snapshotAfter(Set.of(one.pid()));
            }
            NodeSnapshot after = reader.snapshot();
            assertThat(optionsOfMnt(one.in(after))).contains("ro");
            assertThat(optionsOfMnt(other.in(after))).contains("ro");
        }
    }

    private static List<String> optionsOfMnt(ProcessSnapshot process) {
        return process.mounts()
                .observed()
                .flatMap(table -> table.at("/mnt"))
                .orElseThrow()
                .superOptions();
    }

    private static List<String> mountPoints(ProcessSnapshot process) {
        return process.mounts().observed().orElseThrow().mounts().stream()
                .map(Mount::mountPoint)
                .toList();
    }

    private static void run(String... command) throws IOException {
        try {
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whose table is as it was keeps the very same objects: nothing is read and parsed again. */
    @Test
    void tablesThatDidNotChangeAreNotReadAgain() throws IOException {
        try (Child child = Child.start("unshare", "-m", "sleep", "60").running("sleep");
                NodeReader reader = open()) {
            reader.snapshot();
            ProcessSnapshot before = child.in(reader.snapshot());
            ProcessSnapshot after = child.in(reader.snapshot());
            assertThat(after).isSameAs(before);
        }
    }

    @Test
    void withoutItsRightsAScanDoesWithoutAndSaysWhy() throws Exception {
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            NodeFacts.Reader who = ThreadRights.withoutCapabilities(() -> {
                try (NodeReader reader = open()) {
                    reader.snapshot();
                    NodeSnapshot node = reader.snapshot();
                    assertThat(child.in(node).pid()).isEqualTo(child.pid());
                    return node.facts().reader();
                }
            });
            assertThat(who.way()).isEqualTo("native");
            assertThat(who.backend()).contains("EPERM").contains("CAP_BPF");
        }
    }

    /** Its descriptor becomes one of something else, as if the kernel had refused the next run: who was born meanwhile is seen all the same. */
    @Test
    void aScanThatItFailsInDoesWithoutAndSaysWhyAndTheNextGoesByItAgain() throws IOException {
        POSIX posix = POSIXFactory.getPOSIX();
        try (NodeReader reader = open()) {
            reader.snapshot();
            reader.snapshot();
            int link = iterator();
            int kept = posix.dup(link);
            try (RandomAccessFile nothing = new RandomAccessFile("/dev/null", "r");
                    Child child = Child.start("sleep", "60").running("sleep")) {
                posix.dup2(descriptor("/dev/null"), link);
                NodeSnapshot without = reader.snapshot();
                assertThat(nothing.read()).isNegative();
                assertThat(child.in(without).pid()).isEqualTo(child.pid());
                assertThat(without.facts().reader().way()).isEqualTo("native");
                assertThat(without.facts().reader().backend())
                        .contains("failed")
                        .endsWith(": EINVAL");
            } finally {
                posix.dup2(kept, link);
                posix.close(kept);
            }
            assertThat(reader.snapshot().facts().reader().backend()).isEqualTo(ITERATOR);
        }
    }

    private static int iterator() throws IOException {
        return descriptor("anon_inode:bpf_link");
    }

    private static int descriptor(String of) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).toString().equals(of)) {
                    return Integer.parseInt(descriptor.getFileName().toString());
                }
            }
        }
        throw new AssertionError("no descriptor of " + of);
    }

    @Test
    void whereItIsSwitchedOffItSaysSo() throws IOException {
        try (NodeReader reader = NodeReader.openWithoutIterator(ProcRoot.ofThisMachine())) {
            for (int i = 0; i < 3; i++) {
                assertThat(reader.snapshot().facts().reader().backend())
                        .isEqualTo("native: the kernel's task iterator is switched off");
            }
        }
    }

    @Test
    void aSingleScanDoesNotLoadIt() throws IOException {
        try (NodeReader reader = open()) {
            assertThat(reader.snapshot().facts().reader().backend()).isEqualTo("native");
        }
    }
}
