package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.AgentMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where JNA's own library is not there, or may not be loaded, no command that needs it does half of its work, and each says why. */
@Timeout(120)
class WithoutJnaTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "doctor",
                "scan --no-kubelet",
                "serve --listen=127.0.0.1:0 --state-dir=state",
                "serve --listen=127.0.0.1:0 --state-dir=state --apparmor-profiles=.",
                "apparmor list"
            })
    void isOneLineAndExitStatusTwo(String words) throws Exception {
        Path said = directory.resolve("said");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djna.boot.library.path=" + directory,
                "-Djna.nounpack=true",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                AgentMain.class.getName()));
        command.addAll(List.of(words.split(" ", -1)));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(Files.readAllLines(said))
                .singleElement()
                .asString()
                .startsWith("plumbline " + words.split(" -", 2)[0] + ": ")
                .contains("no system call can be made: JNA's own library cannot be loaded here");
        assertThat(process.exitValue()).isEqualTo(ExitStatus.FAILED);
    }
}
