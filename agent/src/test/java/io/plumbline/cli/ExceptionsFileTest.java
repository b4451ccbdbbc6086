package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.CapturedNode;
import io.plumbline.scan.Catalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExceptionsFileTest {
    private static final String GOOD = """
            exceptions:
            - {selector: {kind: '*'}, reason: r, owner: o, expires: %s}
            """;

    @TempDir
    private Path directory;

    @Test
    void changedFileIsReadAgainAndABrokenOneLeavesTheLastGoodOne() throws IOException {
        Path path = write(GOOD.formatted("2999-01-01"), 1);
        ExceptionsFile file = exceptions(path);
        assertThat(file.rules()).hasSize(1);
        assertThat(file.state().trouble()).isEmpty();

        write("exceptions: [{reason: r}]", 2);
        assertThat(file.rules()).hasSize(1);
        assertThat(file.state().trouble().orElseThrow()).startsWith(path + ": ").contains("'owner' is missing");
        assertThat(file.state().rules()).isEqualTo(1);
        assertThat(file.rules()).hasSize(1);
        assertThat(file.state().trouble()).isPresent();

        Files.delete(path);
        assertThat(file.rules()).hasSize(1);
        assertThat(file.state().trouble()).contains(path + ": no such file");

        write("exceptions: []", 3);
        assertThat(file.rules()).isEmpty();
        assertThat(file.state().trouble()).isEmpty();
    }

    @Test
    void fileThatWasAwayForAWhileIsGoodAgain() throws IOException {
        Path path = write(GOOD.formatted("2999-01-01"), 1);
        Path aside = directory.resolve("aside");
        ExceptionsFile file = exceptions(path);
        assertThat(file.rules()).hasSize(1);
        Files.move(path, aside);
        assertThat(file.rules()).hasSize(1);
        assertThat(file.state().trouble()).contains(path + ": no such file");
        Files.move(aside, path);
        assertThat(file.rules()).hasSize(1);
        assertThat(file.state().trouble()).isEmpty();
    }

    /** Whoever made a file that nobody else may read will put that right without writing to it. */
    @Test
    void stampTellsOfRightsToo() throws IOException {
        Path path = write(GOOD.formatted("2999-01-01"), 1);
        FileStamp before = FileStamp.of(path);
        assertThat(FileStamp.of(path)).isEqualTo(before);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
        assertThat(FileStamp.of(path)).isNotEqualTo(before);
    }

    @Test
    void eachProblemOfAFileHasItsLine() throws IOException {
        Path path = write("exceptions: [{reason: r}, {selector: {kind: '*'}, reason: r, owner: o, expires: soon}]", 1);
        assertThatThrownBy(() -> exceptions(path).rulesOrFail())
                .isInstanceOfSatisfying(
                        UsageException.class,
                        wrong -> assertThat(wrong.messages())
                                .hasSizeGreaterThan(2)
                                .allMatch(line -> line.startsWith("--exceptions: " + path + ": line 1, column ")));
    }

    /** A ConfigMap changes by a link that leads elsewhere, to files of the same size and age. */
    @Test
    void linkThatLeadsElsewhereIsAnotherFile() throws IOException {
        Path one = Files.writeString(directory.resolve("one"), GOOD.formatted("2999-01-01"));
        Path two = Files.writeString(directory.resolve("two"), GOOD.formatted("2998-01-01"));
        Files.setLastModifiedTime(two, Files.getLastModifiedTime(one));
        Path link = Files.createSymbolicLink(directory.resolve("link"), one);
        ExceptionsFile file = exceptions(link);
        assertThat(file.rules().get(0).expires()).isEqualTo("2999-01-01");
        Files.delete(link);
        Files.createSymbolicLink(link, two);
        assertThat(file.rules().get(0).expires()).isEqualTo("2998-01-01");
    }

    @Test
    void withoutAFileThereAreNone() {
        ExceptionsFile file = exceptions(null);
        assertThat(file.rules()).isEmpty();
        assertThat(file.state().file()).isEqualTo(Optional.empty());
        assertThatThrownBy(() -> exceptions(directory.resolve("nowhere")).rulesOrFail())
                .isInstanceOf(UsageException.class)
                .hasMessage("--exceptions: " + directory.resolve("nowhere") + ": no such file");
    }

    @Test
    void acceptedFindingsAreShownMarkedAndAreNoReasonToFail() throws IOException {
        StringWriter out = new StringWriter();
        assertThat(scan(out, write(GOOD.formatted("2999-01-01"), 1))).isZero();
        JsonNode findings = new JsonMapper().readTree(out.toString()).path("findings");
        assertThat(findings).isNotEmpty();
        assertThat(findings).allSatisfy(finding -> {
            assertThat(finding.at("/exception/owner").asText()).isEqualTo("o");
            assertThat(finding.at("/exception/expired").asBoolean()).isFalse();
        });
        assertThat(scan(new StringWriter(), write(GOOD.formatted("1999-01-01"), 2)))
                .isEqualTo(1);
    }

    private static ExceptionsFile exceptions(@Nullable Path path) {
        return new ExceptionsFile(path, Catalogue::descriptions);
    }

    private Path write(String text, int version) throws IOException {
        Path path = Files.writeString(directory.resolve("exceptions.yaml"), text);
        Files.setLastModifiedTime(path, FileTime.fromMillis(version * 1000L));
        return path;
    }

    private static int scan(StringWriter out, Path exceptions) {
        List<String> words = new ArrayList<>(List.of("scan", "--output", "json"));
        words.addAll(List.of("--proc", CapturedNode.kubernetes().resolve("proc").toString()));
        words.addAll(List.of("--host-root", CapturedNode.kubernetesBundles().toString()));
        words.addAll(List.of(
                "--pods", CapturedNode.kubernetes().resolve("kubelet-pods.json").toString()));
        words.addAll(List.of("--exceptions", exceptions.toString()));
        return CommandTree.commandLine(Map.of()).setOut(new PrintWriter(out)).execute(words.toArray(String[]::new));
    }
}
