package io.plumbline.kernel;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program for one test, of what a shell cannot do. */
final class CProgram {

    private CProgram() {}

    /** Skips the test where there is no compiler. */
    static Path compiled(Scratch scratch, String name, String source) throws IOException, InterruptedException {
        Path program = scratch.directory().resolve(name);
        Files.writeString(scratch.directory().resolve(name + ".c"), source);
        int status = new ProcessBuilder(
                        "sh", "-c", "command -v cc && exec cc -pthread -o " + program + " " + program + ".c")
                .start()
                .waitFor();
        assumeThat(status).as("no C compiler").isZero();
        return program;
    }
}
