package io.plumbline.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.SketchedReport;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateFileTest {
    private static final Instant FIRST = Instant.parse("2026-11-20T12:00:00.123456Z");

    @TempDir
    private Path directory;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        List<OpenFinding> open = List.of(
                finding("a", Severity.CRITICAL, SketchedReport.container("shop", "web")),
                finding(
                        "b",
                        Severity.LOW,
                        new ContainerIdentity("", "", "", Optional.empty(), "0123456789abcdef", "")));
        try (StateFile state = StateFile.in(directory)) {
            state.write(open);
        }
        try (StateFile state = StateFile.in(directory)) {
            assertThat(state.read()).isEqualTo(new StateFile.Memory(open, Optional.empty()));
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamedWithTheReason() {
        assertThatThrownBy(() -> StateFile.in(Path.of("/proc/plumbline")))
                .isInstanceOf(IOException.class)
                .hasMessage("/proc/plumbline: cannot keep state there: no such file or directory");
    }

    @Test
    void aDirectoryThatIsRemovedIsMadeAgainAndHeldAgainstOthers() throws IOException {
        Path own = directory.resolve("state");
        List<OpenFinding> open = List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        try (StateFile state = StateFile.in(own)) {
            assertThat(state.write(List.of())).isFalse();
            Files.move(own, directory.resolve("gone"));
            assertThat(state.write(open)).isTrue();
            assertThat(state.write(open)).isFalse();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
                    .isEqualTo("rwx------");
            try (StateFile other = StateFile.in(own)) {
                assertThat(other.read().open()).isEqualTo(open);
                assertThatIOException().isThrownBy(() -> other.write(List.of())).withMessageContaining("another");
            }
        }
    }

    @Test
    void aDirectoryInPlaceOfAnotherBelongsToWhoeverLockedItFirst() throws IOException {
        Path own = directory.resolve("state");
        List<OpenFinding> open = List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        try (StateFile state = StateFile.in(own)) {
            Files.move(own, directory.resolve("gone"));
            try (StateFile other = StateFile.in(own)) {
                assertThat(other.write(List.of())).isFalse();
                assertThatIOException().isThrownBy(() -> state.write(open)).withMessageContaining("another");
            }
            state.write(open);
        }
        try (StateFile state = StateFile.in(own)) {
            assertThat(state.read().open()).isEqualTo(open);
        }
    }

    @Test
    void whatCannotBeMadeAgainIsSaidUntilItCan() throws IOException {
        Path own = directory.resolve("state");
        try (StateFile state = StateFile.in(own)) {
            Files.move(own, directory.resolve("gone"));
            Files.createFile(own);
            assertThatIOException()
                    .isThrownBy(() -> state.write(List.of()))
                    .withMessageStartingWith(own + ": cannot keep state there: ");
            Files.delete(own);
            assertThat(state.write(List.of())).isTrue();
        }
    }

    @Test
    void nothingIsRememberedAtTheFirstStartAndTheDirectoryIsMadeForTheOwnerAlone() throws IOException {
        Path fresh = directory.resolve("var/lib/plumbline");
        try (StateFile state = StateFile.in(fresh)) {
            assertThat(state.read()).isEqualTo(new StateFile.Memory(List.of(), Optional.empty()));
            state.write(List.of());
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh.resolve("findings.json"))))
                .isEqualTo("rw-------");
    }

    /** As after a power cut on a file system that keeps lengths and not contents, or by somebody's hand. */
    @Test
    void fileCutAnywhereIsKeptAsideAndNothingIsInvented() throws IOException {
        List<OpenFinding> open = List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        byte[] whole;
        try (StateFile state = StateFile.in(directory)) {
            state.write(open);
            whole = Files.readAllBytes(directory.resolve("findings.json"));
            // Without the final newline it is still whole.
            for (int length = 0; length < whole.length - 1; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                Files.write(directory.resolve("findings.json"), cut);
                StateFile.Memory memory = state.read();
                assertThat(memory.open()).as("of %d bytes", length).isEmpty();
                assertThat(memory.trouble()).as("of %d bytes", length).isPresent();
                assertThat(directory.resolve("findings.json.bad")).hasBinaryContent(cut);
                assertThat(directory.resolve("findings.json")).doesNotExist();
                assertThat(state.read()).isEqualTo(new StateFile.Memory(List.of(), Optional.empty()));
            }
        }
    }

    /** Going back: a newer agent may have told more of a finding, in a file that this one still understands. */
    @Test
    void fileOfANewerAgentThatTellsMoreIsRead() throws IOException {
        Files.writeString(directory.resolve("findings.json"), """
            {"version":1,"writtenBy":"9.0.0","open":[{"id":"a","kind":"drift","check":"seccomp","severity":"high","namespace":"shop",
             "pod":"web","podUid":"uid-of-web","container":"main","containerId":"id-of-web","runtime":"containerd",
             "firstSeen":"2026-11-20T12:00:00.123456Z","lastSeen":"2026-11-20T12:01:00.123456Z","acknowledged":true}]}
            """);
        try (StateFile state = StateFile.in(directory)) {
            assertThat(state.read().trouble()).isEmpty();
            assertThat(state.read().open())
                    .containsExactly(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        }
    }

    /** The same with findings of a kind or a severity that came later. */
    @Test
    void findingThatOnlyANewerAgentKnowsCostsNoOther() throws IOException {
        try (StateFile state = StateFile.in(directory)) {
            state.write(List.of(
                    finding("a", Severity.CRITICAL, SketchedReport.container("shop", "web")),
                    finding("b", Severity.HIGH, SketchedReport.container("shop", "web")),
                    finding("c", Severity.LOW, SketchedReport.container("shop", "web"))));
            Path file = directory.resolve("findings.json");
            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace("\"critical\"", "\"dire\"")
                            .replaceFirst("\"kind\":\"drift\"(?=[^}]*\"high\")", "\"kind\":\"rumour\""));
            assertThat(state.read().open())
                    .containsExactly(finding("c", Severity.LOW, SketchedReport.container("shop", "web")));
            assertThat(state.read().trouble().orElseThrow())
                    .isEqualTo(file + ": 2 of 3 findings are of a kind or a severity that this version does not know;"
                            + " leaving them out");
            assertThat(file).exists();
        }
    }

    @Test
    void formOfANewerAgentIsCalledThat() throws IOException {
        Files.writeString(directory.resolve("findings.json"), "{\"version\":2,\"open\":[]}");
        try (StateFile state = StateFile.in(directory)) {
            assertThat(state.read().trouble().orElseThrow())
                    .contains("written by a newer plumbline", "starting afresh");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "{}",
                "{\"version\":2,\"open\":[]}",
                "{\"version\":1,\"open\":{}}",
                "{\"version\":1,\"open\":[]} trailing",
                "{\"version\":1,\"open\":[{}]}",
                "{\"version\":1,\"open\":[null]}",
                "{\"version\":1,\"open\":[[[[[[[[[]]]]]]]]]}",
                "\u0000\u0000\u0000\u0000",
                "<xml/>"
            })
    void garbageIsSaidOnceAndKeptAside(String garbage) throws IOException {
        Files.writeString(directory.resolve("findings.json"), garbage);
        try (StateFile state = StateFile.in(directory)) {
            StateFile.Memory memory = state.read();
            assertThat(memory.open()).isEmpty();
            assertThat(memory.trouble().orElseThrow())
                    .contains("findings.json: ", "starting afresh", "findings.json.bad")
                    .doesNotContain("\n");
        }
        assertThat(Files.readString(directory.resolve("findings.json.bad"))).isEqualTo(garbage);
    }

    @Test
    void valueThatIsNoneIsGarbageToo() throws IOException {
        try (StateFile state = StateFile.in(directory)) {
            state.write(List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web"))));
            Path file = directory.resolve("findings.json");
            String good = Files.readString(file);
            for (String[] change : new String[][] {
                {"\"high\"", "[]"},
                {"2026-11-20T12:00:00.123456Z", "yesterday"},
                {"\"web\"", "7"}
            }) {
                assertThat(good).contains(change[0]);
                Files.writeString(file, good.replace(change[0], change[1]));
                assertThat(state.read().trouble()).as(change[1]).isPresent();
            }
        }
    }

    @Test
    void leftoverOfAnAgentThatDiedWhileItWroteIsNeitherReadNorInTheWay() throws IOException {
        List<OpenFinding> open = List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        try (StateFile state = StateFile.in(directory)) {
            state.write(open);
            Files.writeString(directory.resolve("findings.json.new"), "{\"version\":1,\"op");
            assertThat(state.read().open()).isEqualTo(open);
            state.write(List.of());
            assertThat(state.read().open()).isEmpty();
        }
        try (var names = Files.list(directory)) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("findings.json", "lock");
        }
    }

    @Test
    void failedWriteLeavesWhatWasThere() throws IOException {
        List<OpenFinding> open = List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        try (StateFile state = StateFile.in(directory)) {
            state.write(open);
            Files.createDirectories(directory.resolve("findings.json.new/in-the-way"));
            assertThatIOException()
                    .isThrownBy(() -> state.write(List.of()))
                    .withMessageStartingWith(directory + "/findings.json: cannot be written: ");
            assertThat(state.read().open()).isEqualTo(open);
        }
    }

    @Test
    void ofTooManyTheWorstAreKept() throws IOException {
        List<OpenFinding> many = IntStream.range(0, StateFile.MOST_FINDINGS + 10)
                .mapToObj(i -> finding(
                        "id" + i,
                        i < StateFile.MOST_FINDINGS ? Severity.LOW : Severity.CRITICAL,
                        SketchedReport.container("shop", "pod-" + i)))
                .toList();
        try (StateFile state = StateFile.in(directory)) {
            state.write(many);
            assertThat(Files.size(directory.resolve("findings.json"))).isLessThan(StateFile.MOST_BYTES);
            assertThat(state.read().open())
                    .hasSize(StateFile.MOST_FINDINGS)
                    .filteredOn(finding -> finding.severity() == Severity.CRITICAL)
                    .hasSize(10);
        }
    }

    @Test
    void fileThatIsTooLargeIsNotRead() throws IOException {
        Files.write(directory.resolve("findings.json"), new byte[StateFile.MOST_BYTES + 1]);
        try (StateFile state = StateFile.in(directory)) {
            assertThat(state.read().trouble().orElseThrow()).contains("too large");
        }
    }

    /** A DaemonSet with maxSurge starts the next agent while the last one runs. */
    @Test
    void oneAgentAtATimeWritesAndTheNextOneReadsAndTakesOver() throws IOException {
        List<OpenFinding> open = List.of(finding("a", Severity.HIGH, SketchedReport.container("shop", "web")));
        List<OpenFinding> later = List.of(finding("b", Severity.HIGH, SketchedReport.container("shop", "web")));
        StateFile first = StateFile.in(directory);
        first.write(open);
        try (StateFile second = StateFile.in(directory)) {
            assertThat(second.read()).isEqualTo(new StateFile.Memory(open, Optional.empty()));
            assertThatIOException()
                    .isThrownBy(() -> second.write(later))
                    .withMessage(directory + ": another plumbline serve keeps its state there");
            first.write(List.of());
            first.close();
            second.write(later);
            assertThat(second.read().open()).isEqualTo(later);
        }
    }

    @Test
    void fileThatANewerAgentStillWritesIsNotMovedUnderIt() throws IOException {
        try (StateFile newer = StateFile.in(directory);
                StateFile older = StateFile.in(directory)) {
            Files.writeString(directory.resolve("findings.json"), "{\"version\":2,\"open\":[]}");
            assertThat(older.read().trouble()).isPresent();
            assertThat(newer.directory().resolve("findings.json")).exists();
        }
    }

    @Test
    void directoryThatCannotBeOneIsRefusedByName() throws IOException {
        Path file = Files.write(directory.resolve("file"), "x".getBytes(StandardCharsets.UTF_8));
        assertThatIOException()
                .isThrownBy(() -> StateFile.in(file.resolve("below")))
                .withMessageStartingWith(file.resolve("below") + ": cannot keep state there: ");
    }

    private static OpenFinding finding(String id, Severity severity, ContainerIdentity container) {
        return new OpenFinding(id, FindingKind.DRIFT, "seccomp", severity, container, FIRST, FIRST.plusSeconds(60));
    }
}
