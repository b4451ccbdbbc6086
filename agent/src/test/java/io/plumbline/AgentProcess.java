package io.plumbline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code plumbline serve} as a process of its own, from the classes that are tested, on a port of the kernel's choice.
 *
 * @param out what it says; the last line is its address
 * @param err its log
 */
public record AgentProcess(Process process, Path out, Path err) {

    /** Starts it over the captured node. */
    public static AgentProcess start(Path directory, String... options) throws IOException {
        return startOver(CapturedNode.kubernetes().resolve("proc"), directory, options);
    }

    /** Starts it over another /proc of that node. */
    public static AgentProcess startOver(Path proc, Path directory, String... options) throws IOException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                AgentMain.class.getName(),
                "serve",
                "--listen=127.0.0.1:0",
                "--state-dir=" + directory.resolve("state"),
                "--proc=" + proc,
                "--host-root=" + CapturedNode.kubernetesBundles()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new AgentProcess(process, out, err);
    }

    /** Where it answers; empty while it does not yet. */
    public Optional<URI> address() throws IOException {
        assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
        String said = Files.readString(out);
        return said.endsWith("/\n") ? Optional.of(URI.create(said.strip())) : Optional.empty();
    }

    /** Ends it without a chance to say good-bye. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
