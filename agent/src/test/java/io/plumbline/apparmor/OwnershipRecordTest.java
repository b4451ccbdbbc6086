package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent of one version left in its directory, read by one of another. */
class OwnershipRecordTest {
    private static final String WRITTEN = """
        {"version":1,"boot":"b","profiles":[{"name":"web","mode":"enforce","hashes":["sha256:00"],"earlier":["sha256:01"],
         "origin":"AppArmorProfile/web","byDirectory":true,"removing":false}]}
        """;

    private static final OwnedProfile WEB = new OwnedProfile(
            "web", "enforce", List.of("sha256:00"), List.of("sha256:01"), "AppArmorProfile/web", true, false);

    @TempDir
    private Path directory;

    @Test
    void theFormOfTheFirstReleaseIsReadAndWritten() throws IOException {
        assertThat(of(WRITTEN).read()).containsOnly(Map.entry("web", WEB));
        OwnershipRecord.in(directory, "b").write(List.of(WEB));
        assertThat(Files.readString(directory.resolve("profiles.json")))
                .isEqualToIgnoringWhitespace(WRITTEN.replaceAll("\\s", ""));
    }

    /** Going back: a newer agent may have told more, in a file that this one still understands. */
    @Test
    void whatANewerAgentTellsBesideIsLeftOut() throws IOException {
        assertThat(of(WRITTEN.replace("\"removing\"", "\"since\":\"2027\",\"removing\"")
                                .replace("\"boot\"", "\"writtenBy\":\"9\",\"boot\""))
                        .read())
                .containsOnly(Map.entry("web", WEB));
    }

    /** Whose the profiles are is not guessed, and the file stays for the agent that can read it. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"version\":2,\"boot\":\"b\",\"owned\":{}}", "{}", "[]", "{\"version\":1,", "null"})
    void anotherFormIsOneClearLineAndStaysWhereItIs(String written) throws IOException {
        OwnershipRecord record = of(written);
        assertThatThrownBy(record::read)
                .isInstanceOf(IOException.class)
                .message()
                .startsWith(directory.resolve("profiles.json") + ": ")
                .contains("delete it")
                .doesNotContain("\n");
        assertThat(directory.resolve("profiles.json")).hasContent(written);
    }

    /** Whatever its form, what it names went with that kernel: it must not stand in the way of an agent that cannot read it. */
    @Test
    void recordOfAnotherBootIsNothingEvenInAFormThatIsNotKnown() throws IOException {
        OwnershipRecord record = of("{\"version\":2,\"boot\":\"the one before\",\"owned\":{}}");
        assertThat(record.read()).isEmpty();
        record.write(List.of(WEB));
        assertThat(record.read()).containsOnly(Map.entry("web", WEB));
    }

    private OwnershipRecord of(String written) throws IOException {
        Files.writeString(directory.resolve("profiles.json"), written);
        return OwnershipRecord.in(directory, "b");
    }
}
