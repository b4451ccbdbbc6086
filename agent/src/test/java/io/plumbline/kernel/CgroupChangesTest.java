package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.plumbline.WritableCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories with files of the names of cgroups(7): inotify(7) tells of those as it does of a cgroup file system's. */
class CgroupChangesTest {
    private static final Duration MOMENT = Duration.ofMillis(200);

    @TempDir
    private Path root;

    private CgroupChanges changes;
    private Path pod;

    @BeforeEach
    void begin() throws Exception {
        Files.writeString(root.resolve("cgroup.procs"), "1\n2\n");
        pod = cgroup(root, "pod", "7\n");
        changes = new CgroupChanges(List.of(root));
        assertThat(changes.next(MOMENT)).isEmpty();
    }

    @AfterEach
    void end() {
        changes.close();
    }

    private static Path cgroup(Path parent, String name, String members) throws IOException {
        Path made = Files.createDirectory(parent.resolve(name));
        Files.writeString(made.resolve("cgroup.procs"), members);
        return made;
    }

    @Test
    void whoCameIsToldAndNobodyElse() throws Exception {
        Files.writeString(pod.resolve("cgroup.procs"), "7\n2\n0\n");
        assertThat(heard(Set.of(2))).containsExactly(2);
        Files.writeString(root.resolve("cgroup.procs"), "1\n");
        Files.writeString(pod.resolve("cpu.max"), "max 100000\n");
        assertThat(changes.next(MOMENT)).isEmpty();
        assertThat(changes.next(MOMENT)).isEmpty();
    }

    @Test
    void newCgroupIsToldWithAllWhoAreInItAndWatchedFromThenOn() throws Exception {
        Path container = cgroup(pod, "container", "8\n");
        Path below = cgroup(container, "below", "9\n");
        assertThat(heard(Set.of(8, 9))).containsExactly(8, 9);
        Files.writeString(below.resolve("cgroup.procs"), "9\n10\n");
        assertThat(heard(Set.of(10))).containsExactly(10);
    }

    @Test
    void cgroupThatIsGoneIsForgotten() throws Exception {
        Files.delete(pod.resolve("cgroup.procs"));
        Files.delete(pod);
        assertThat(changes.next(MOMENT)).isEmpty();
        cgroup(root, "pod", "7\n");
        assertThat(heard(Set.of(7))).containsExactly(7);
    }

    /** In a real cgroup file system the watch of a directory outlives it, and containers come and go for months. */
    @Test
    void cgroupsThatAreOverAreLetGo() throws Exception {
        Path own = Files.createDirectory(WritableCgroups.mount()
                .resolve("plumbline-test-" + ProcessHandle.current().pid()));
        try (CgroupChanges real = new CgroupChanges(List.of(own))) {
            real.next(MOMENT);
            int most = 0;
            for (int i = 0; i < 300; i++) {
                Path container = Files.createDirectory(own.resolve("container-" + i));
                real.next(MOMENT);
                most = Math.max(most, real.size());
                Files.delete(container);
            }
            assertThat(most).isBetween(10, 100);
        } finally {
            Files.delete(own);
        }
    }

    @Test
    void linkIsNoCgroup() throws Exception {
        Path elsewhere = Files.createDirectory(root.resolveSibling(root.getFileName() + "-elsewhere"));
        try {
            Files.createSymbolicLink(root.resolve("link"), elsewhere);
            assertThat(changes.next(MOMENT)).isEmpty();
            Files.writeString(elsewhere.resolve("cgroup.procs"), "66\n");
            assertThat(changes.next(MOMENT)).isEmpty();
        } finally {
            Files.deleteIfExists(elsewhere.resolve("cgroup.procs"));
            Files.delete(elsewhere);
        }
    }

    /** As many as a machine may have, one below the other. */
    @Test
    void depthIsTheWorkloadsChoice() throws Exception {
        Path at = pod;
        for (int depth = 0; depth < 1500; depth++) {
            at = Files.createDirectory(at.resolve("d"));
        }
        Files.writeString(at.resolve("cgroup.procs"), "11\n");
        assertThat(heard(Set.of(11))).containsExactly(11);
        // From below: JUnit asks of each where it really is, which takes longer the deeper it lies.
        Files.delete(at.resolve("cgroup.procs"));
        for (; !at.equals(pod); at = at.getParent()) {
            Files.delete(at);
        }
    }

    private Set<Integer> heard(Set<Integer> expected) {
        Set<Integer> heard = new TreeSet<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            heard.addAll(changes.next(MOMENT));
            return heard.containsAll(expected);
        });
        return heard;
    }
}
