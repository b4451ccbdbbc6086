package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of the kernel that runs the test: processes in mount namespaces of their own. */
class MountChangesTest {

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final List<Someone> all = new ArrayList<>();
    private MountChanges changes;

    /** A shell in a mount namespace of its own, and of a user namespace, so that nobody has to be root. */
    private record Someone(Process shell, BufferedReader answers, long namespace) {

        static Someone begin() throws IOException {
            Process shell = new ProcessBuilder("unshare", "--map-root-user", "--mount", "sh")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var answers = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
            Someone begun = new Someone(shell, answers, 0);
            Assumptions.assumeTrue(begun.runs("true"), "no user namespace may be made here (unshare)");
            String link = Files.readSymbolicLink(Path.of("/proc/" + shell.pid() + "/ns/mnt"))
                    .toString();
            return new Someone(shell, answers, Long.parseLong(link.replaceAll("\\D", "")));
        }

        boolean runs(String command) throws IOException {
            try {
                shell.getOutputStream()
                        .write((command + " && echo done || echo failed\n").getBytes(StandardCharsets.UTF_8));
                shell.getOutputStream().flush();
            } catch (IOException e) {
                return false;
            }
            return Optional.ofNullable(answers.readLine()).orElse("").equals("done");
        }

        int pid() {
            return (int) shell.pid();
        }
    }

    @BeforeEach
    void open() throws IOException {
        changes = new MountChanges(ProcRoot.ofThisMachine());
    }

    @AfterEach
    void close() {
        changes.close();
        all.forEach(someone -> someone.shell().destroy());
    }

    private Map<Long, Integer> begin(int count) throws IOException {
        Map<Long, Integer> wanted = new HashMap<>();
        for (int i = 0; i < count; i++) {
            Someone someone = Someone.begin();
            all.add(someone);
            wanted.put(someone.namespace(), someone.pid());
        }
        return wanted;
    }

    @Test
    void whoseTableChangedIsTold() throws IOException {
        Map<Long, Integer> wanted = begin(2);
        assertThat(changes.watch(wanted)).isEqualTo(wanted.keySet());
        assertThat(changes.watch(wanted)).as("they are watched already").isEmpty();
        assertThat(changes.next(SHORT)).isEmpty();

        assertThat(all.get(1).runs("mount -t tmpfs none /mnt")).isTrue();
        assertThat(changes.next(LONG)).containsExactly(all.get(1).namespace());
        assertThat(changes.next(SHORT)).as("it was told").isEmpty();

        assertThat(all.get(1).runs("mount -o remount,ro /mnt")).isTrue();
        assertThat(changes.next(LONG)).containsExactly(all.get(1).namespace());
    }

    /** More than one call tells of at once: nobody is forgotten. */
    @Test
    void allWhoseTablesChangedAreTold() throws IOException {
        Map<Long, Integer> wanted = begin(100);
        changes.watch(wanted);
        for (Someone someone : all) {
            assertThat(someone.runs("mount -t tmpfs none /mnt")).isTrue();
        }
        Set<Long> told = new TreeSet<>();
        for (Set<Long> next = changes.next(LONG); !next.isEmpty(); next = changes.next(SHORT)) {
            told.addAll(next);
        }
        assertThat(told).isEqualTo(new TreeSet<>(wanted.keySet()));
    }

    @Test
    void whoIsNotWantedAnyMoreIsLetGo() throws IOException {
        Map<Long, Integer> wanted = begin(2);
        changes.watch(wanted);
        Someone left = all.get(0);
        changes.watch(Map.of(left.namespace(), left.pid()));
        assertThat(all.get(1).runs("mount -t tmpfs none /mnt")).isTrue();
        assertThat(changes.next(SHORT)).isEmpty();
    }

    /** The pid is another process's by now. */
    @Test
    void whoIsInAnotherNamespaceIsNotWatched() throws IOException {
        begin(2);
        assertThat(changes.watch(Map.of(all.get(0).namespace(), all.get(1).pid())))
                .isEmpty();
        assertThat(changes.lacksSome()).isTrue();
        assertThat(changes.watch(Map.of(all.get(0).namespace(), all.get(0).pid())))
                .containsExactly(all.get(0).namespace());
        assertThat(changes.lacksSome()).isFalse();
    }
}
