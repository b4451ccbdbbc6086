package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.apparmor.LoadOutcome.Result;
import io.plumbline.kernel.LiveLabels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written to the kernel's files, and what is not. That the kernel does what it is told is shown in the guest machine. */
class PolicyLoaderTest {

    private static final String FLIP = "sha1:e910849da411219751d3829127881d2a27dc796a";

    @TempDir
    private Path directory;

    private CapturedPolicy node;
    private OwnershipRecord record;
    private Path proc;
    private PolicyLoader loader;

    @BeforeEach
    void captured() throws IOException {
        node = CapturedPolicy.in(Files.createDirectory(directory.resolve("root")));
        record = OwnershipRecord.in(directory.resolve("state"), CapturedPolicy.BOOT);
        proc = Files.createDirectory(directory.resolve("proc"));
        label("1", "unconfined\n");
        label("2", "unconfined\n");
        Files.writeString(proc.resolve("2/comm"), "kthreadd\n");
        Files.createDirectories(directory.resolve("state"));
        loader = new PolicyLoader(node.kernel(), new LiveLabels(proc), record);
    }

    @Test
    void aNameThatSomebodyElseLoadedIsNotWrittenTo() throws IOException {
        LoadOutcome outcome = load("profile fixture-flip { signal, }\n", false);

        assertThat(outcome.result()).isEqualTo(Result.REFUSED);
        assertThat(outcome.text()).contains("not from here");
        assertThat(written(".replace")).isEmpty();
        assertThat(record.read()).isEmpty();
    }

    @Test
    void oneWriteHoldsTheWholePolicy() throws IOException {
        CompiledSource source = Parser.compile("file", "profile fixture-flip { signal, file, }\n");

        loader.load(List.of(source), Parser.compiler(Optional.empty()), false, true);

        // The anchor is written first, to the same file; the policy covers its beginning.
        assertThat(written(".replace")).startsWith(source.policy().orElseThrow().bytes());
    }

    @Test
    void whatTheKernelDoesNotShowAsItWasWrittenIsNoSuccess() throws IOException {
        LoadOutcome outcome = load("profile new { signal, }\n", false);

        assertThat(outcome.result()).isEqualTo(Result.FAILED);
        assertThat(outcome.text()).contains("does not show it");
        // But it may be there: it is on record.
        assertThat(record.read()).containsKey("new");
    }

    @Test
    void aKernelThatRefusesLeavesTheRecordAsItWas() throws IOException {
        Files.delete(node.root().resolve("sys/kernel/security/apparmor/.replace"));

        LoadOutcome outcome = load("profile new { signal, }\n", false);

        assertThat(outcome.result()).isEqualTo(Result.FAILED);
        assertThat(outcome.text()).contains("ENOENT");
        assertThat(record.read()).doesNotContainKey("new");
    }

    @Test
    void ofTwoSourcesWithOneNameNeitherIsLoadedAndOthersAre() throws IOException {
        List<LoadOutcome> outcomes = loader.load(
                List.of(
                        Parser.compile("a", "profile same { signal, }\n"),
                        Parser.compile("b", "profile same { signal, file, }\n"),
                        Parser.compile("c", "profile c { signal, }\n")),
                Parser.compiler(Optional.empty()),
                false,
                false);

        assertThat(outcomes)
                .filteredOn(outcome -> outcome.subject().equals("same"))
                .allMatch(outcome ->
                        outcome.result() == Result.REFUSED && outcome.text().contains("a and in b"));
        assertThat(record.read()).containsKey("c").doesNotContainKey("same");
    }

    @Test
    void aProfileThatAThreadIsUnderIsMarkedAndNotRemoved() throws IOException {
        owns("fixture-flip");
        label("77", "fixture-flip//hat (complain)\n");

        LoadOutcome outcome = remove("fixture-flip");

        assertThat(outcome.result()).isEqualTo(Result.MARKED);
        assertThat(outcome.text()).contains("pid 77");
        assertThat(written(".remove")).isEmpty();
        assertThat(record.read().get("fixture-flip").removing()).isTrue();
    }

    @Test
    void aPartOfAStackIsInUseToo() throws IOException {
        owns("fixture-flip");
        label("77", "cri-containerd.apparmor.d//&fixture-flip (mixed)\n");

        assertThat(remove("fixture-flip").result()).isEqualTo(Result.MARKED);
    }

    @Test
    void whereLabelsCannotBeSeenNothingIsRemoved() throws IOException {
        owns("fixture-flip");
        Files.writeString(proc.resolve("2/comm"), "sh\n");

        LoadOutcome outcome = remove("fixture-flip");

        assertThat(outcome.result()).isEqualTo(Result.MARKED);
        assertThat(written(".remove")).isEmpty();
    }

    @Test
    void aFreeProfileOfOursIsRemovedByItsBareName() throws IOException {
        owns("fixture-flip");
        label("77", "fixture-flipper (enforce)\n");

        assertThat(remove("fixture-flip").result()).isEqualTo(Result.REMOVED);
        assertThat(new String(written(".remove"), StandardCharsets.UTF_8)).isEqualTo("fixture-flip");
        assertThat(record.read()).isEmpty();
    }

    @Test
    void whatIsNotOursIsNeverRemoved() throws IOException {
        assertThat(remove("cri-containerd.apparmor.d").result()).isEqualTo(Result.REFUSED);
        assertThat(remove("nosuch").result()).isEqualTo(Result.REFUSED);
        record.write(List.of(
                new OwnedProfile("fixture-flip", "complain", List.of("sha1:00"), List.of(), "file", false, false)));
        assertThat(remove("fixture-flip").text()).contains("somebody else has put another profile in its place");
        assertThat(written(".remove")).isEmpty();
    }

    @Test
    void whatADirectoryDoesNotHoldAnyMoreIsSweptAndWhatCommandsLoadedIsNot() throws IOException {
        record.write(List.of(
                new OwnedProfile("fixture-flip", "complain", List.of(FLIP), List.of(), "file", true, false),
                new OwnedProfile("by-command", "enforce", List.of("sha1:00"), List.of(), "file", false, false)));

        RejectedSources none = RejectedSources.among(List.of());
        assertThat(loader.sweepMarked()).isEmpty();
        assertThat(loader.sweep(Optional.of(Set.of("fixture-flip")), none)).isEmpty();
        assertThat(loader.sweep(Optional.of(Set.of()), none))
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.result()).isEqualTo(Result.REMOVED));
        assertThat(record.read()).containsOnlyKeys("by-command");
    }

    @Test
    void whatACommandPutsRightForADirectoryStaysTheDirectorys() throws IOException {
        record.write(List.of(
                new OwnedProfile("fixture-flip", "complain", List.of("sha1:00"), List.of(), "file", true, false)));
        load("profile fixture-flip { signal, }\n", true);
        assertThat(record.read().get("fixture-flip").byDirectory()).isTrue();

        record.write(List.of(
                new OwnedProfile("fixture-flip", "complain", List.of("sha1:00"), List.of(), "file", true, true)));
        load("profile fixture-flip { signal, }\n", true);
        assertThat(record.read().get("fixture-flip").byDirectory())
                .as("after the directory gave it up")
                .isFalse();
    }

    @Test
    void anAgentThatDiedBetweenRecordAndKernelStillOwnsWhatIsThere() throws IOException {
        record.write(List.of(
                new OwnedProfile("fixture-flip", "complain", List.of("sha1:00"), List.of(FLIP), "file", true, false)));

        CompiledSource source = Parser.compile("file", "profile fixture-flip { signal, }\n");
        loader.load(List.of(source), Parser.compiler(Optional.empty()), true, false);

        assertThat(written(".replace")).startsWith(source.policy().orElseThrow().bytes());
        assertThat(record.read().get("fixture-flip").wrote(FLIP)).isTrue();
    }

    @Test
    void aLeftoverOfADyingAgentIsNoRecord() throws IOException {
        owns("fixture-flip");
        Files.writeString(directory.resolve("state/profiles.json.new"), "{\"half");

        owns("fixture-flip");

        assertThat(record.read()).containsOnlyKeys("fixture-flip");
        Files.writeString(directory.resolve("state/profiles.json"), "{\"version\": 7}");
        assertThatThrownBy(record::read).isInstanceOf(IOException.class).hasMessageContaining("another version");
    }

    private LoadOutcome load(String text, boolean takeOver) throws IOException {
        List<LoadOutcome> outcomes =
                loader.load(List.of(Parser.compile("file", text)), Parser.compiler(Optional.empty()), false, takeOver);
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    private LoadOutcome remove(String name) throws IOException {
        List<LoadOutcome> outcomes = loader.remove(List.of(name));
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    private void owns(String name) throws IOException {
        record.write(List.of(new OwnedProfile(name, "complain", List.of(FLIP), List.of(), "file", false, false)));
    }

    private void label(String pid, String label) throws IOException {
        Path attr = Files.createDirectories(proc.resolve(pid + "/task/" + pid + "/attr/apparmor"));
        Files.writeString(attr.resolve("current"), label);
        if (!Files.exists(proc.resolve(pid + "/comm"))) {
            Files.writeString(proc.resolve(pid + "/comm"), "x\n");
        }
    }

    private byte[] written(String file) throws IOException {
        return Files.readAllBytes(node.root().resolve("sys/kernel/security/apparmor/" + file));
    }
}
