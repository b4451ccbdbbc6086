package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A report that could not be written whole is none; a reader that has gone is no trouble. */
class StandardOutputTest {

    @Test
    void fullDiskIsExitStatusTwo() throws IOException {
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            StringWriter err = new StringWriter();
            CommandLine line = CommandTree.commandLine(Map.of());
            line.setOut(StandardOutput.writer(full));
            line.setErr(new PrintWriter(err));

            assertThat(line.execute("scan", "--no-kubelet", "--output", "json")).isEqualTo(ExitStatus.FAILED);
            assertThat(err.toString())
                    .isEqualTo("plumbline scan: standard output: could not write the whole report"
                            + System.lineSeparator());
        }
    }

    @Test
    void readerThatHasGoneHasHadWhatItWanted() throws Exception {
        Process reader = new ProcessBuilder("sh", "-c", "exec 0<&-; sleep 30").start();
        try (PrintWriter out = StandardOutput.writer(reader.getOutputStream())) {
            for (int i = 0; i < 10_000; i++) {
                out.println("a line of a long report");
            }
            assertThat(out.checkError()).isFalse();
        } finally {
            reader.destroyForcibly();
        }
    }
}
