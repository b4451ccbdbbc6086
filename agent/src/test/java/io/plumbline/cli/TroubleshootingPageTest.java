package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/troubleshooting.md is made from what {@code plumbline doctor} can say. */
class TroubleshootingPageTest {
    private static final Path PAGE = Path.of("../docs/troubleshooting.md");

    @Test
    void thePageSaysWhatTheDoctorSays() throws IOException {
        StringBuilder page = new StringBuilder("""
            # When something is missing

            Generated from what `plumbline doctor` can report. Run it where the agent runs; that needs no shell there:

            ```
            kubectl -n plumbline exec POD -- /usr/bin/plumbline doctor --host-root=/host
            ```

            Each line is `ok`, `absent` (this machine has no such thing, and nothing needs to be done) or `MISSING`, with what was found. Exit status 1
            means that something is missing. Nothing is guessed: checks that need what cannot be read are undetermined, and counted.

            """);
        for (DoctorPart part : DoctorPart.values()) {
            page.append("## ")
                    .append(part.word())
                    .append("\n\nLooks at ")
                    .append(part.about())
                    .append(". Where it is `MISSING`:\n\n");
            for (String remedy : part.remedies()) {
                page.append("- ")
                        .append(
                                remedy.isEmpty()
                                        ? "the line itself says what is needed."
                                        : remedy.contains("%s")
                                                ? "`" + remedy.formatted("[those]") + "`"
                                                : "`" + remedy + "`")
                        .append("\n");
            }
            page.append("\n");
        }
        page.append("""
            ## The agent does not become ready

            `/readyz?verbose` names each thing that it waits for. `kubectl logs` has a line for each refusal, with the rule that is missing;
            `plumbline_cluster_writes_total{result="refused"}` counts what the API server refused.
            """);
        String now = page.toString();
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(PAGE, now);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(now);
    }
}
