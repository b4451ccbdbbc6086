package io.plumbline.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that does nothing but write its state is killed in the middle of it, again and again. */
@Timeout(180)
class StateFileKilledTest {
    private static final int KILLS = 50;
    private static final List<OpenFinding> FEW = findings(3);
    private static final List<OpenFinding> MANY = findings(2000);

    @TempDir
    private Path directory;

    @Test
    void stateIsTheOldOneOrTheNewOneWheneverItsWriterDies() throws Exception {
        Random random = new Random(20261121);
        int halfMade = 0;
        int few = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Writer.class.getName(),
                            directory.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            assertThat(writer.getInputStream().read()).as("it writes").isEqualTo('.');
            TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
            writer.destroyForcibly().waitFor();
            halfMade += Files.exists(directory.resolve("findings.json.new")) ? 1 : 0;
            try (StateFile file = StateFile.in(directory)) {
                StateFile.Memory memory = file.read();
                assertThat(memory.trouble()).as("after kill %d", kill).isEmpty();
                assertThat(memory.open().size()).isIn(FEW.size(), MANY.size());
                assertThat(memory.open()).isEqualTo(memory.open().size() == FEW.size() ? FEW : MANY);
                few += memory.open().size() == FEW.size() ? 1 : 0;
            }
        }
        System.out.printf(
                "killed %d times while it wrote: %d times a half-made file was left aside, %d times the small state was in"
                        + " force, %d times the large one%n",
                KILLS, halfMade, few, KILLS - few);
        assertThat(halfMade).as("kills that hit a write").isPositive();
        assertThat(few).as("kills that left the small state").isBetween(1, KILLS - 1);
    }

    private static List<OpenFinding> findings(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new OpenFinding(
                        "%012x".formatted(i),
                        FindingKind.DRIFT,
                        "root-user",
                        Severity.HIGH,
                        new ContainerIdentity(
                                "shop", "web-" + i, "uid-" + i, Optional.of("main"), "id-" + i, "containerd"),
                        Instant.parse("2026-11-20T12:00:00.123456789Z").plusSeconds(i),
                        Instant.parse("2026-11-20T13:00:00Z")))
                .toList();
    }

    /**
     * Writes one state after the other until it is killed; says when both are written. Their bytes are made before, so that it is in the middle of
     * a write nearly all the time.
     */
    static final class Writer {
        private Writer() {}

        public static void main(String... arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            byte[] few = StateJson.write(FEW);
            byte[] many = StateJson.write(MANY);
            StateFile file = StateFile.in(directory);
            for (long i = 0; ; i++) {
                OwnFiles.replace(file.directory(), "findings.json", i % 2 == 0 ? few : many);
                if (i == 1) {
                    System.out.print('.');
                    System.out.flush();
                }
            }
        }
    }
}
