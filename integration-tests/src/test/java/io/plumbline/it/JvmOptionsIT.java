package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The heap that a JVM gets by {@code docker/jvm.options}, and by what a user says behind them. */
final class JvmOptionsIT {

    @Test
    void theHeapBeginsWithWhatAStartFills() {
        assertThat(initialHeap()).isEqualTo(36 << 20);
    }

    @Test
    void itBeginsWithLessWhereItMayNotBeSoLarge() {
        assertThat(initialHeap("-Xmx32m")).isEqualTo(32 << 20);
        assertThat(initialHeap("-XX:MaxHeapSize=20m")).isEqualTo(20 << 20);
        assertThat(initialHeap("-XX:MaxRAM=64m")).isLessThan(32 << 20);
    }

    /** The chart tells the JVM the container's limit in this way. */
    @Test
    void theHeapMayTakeTwoFifthsOfTheMemoryThatIsNamed() {
        assertThat(flag("MaxHeapSize") >> 20).isEqualTo(154);
        assertThat(flag("MaxHeapSize", "-XX:MaxRAM=" + (1L << 30)) >> 20).isEqualTo(410);
    }

    private static int initialHeap(String... told) {
        return flag("InitialHeapSize", told);
    }

    /** Bytes. */
    private static int flag(String name, String... told) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                // older ones of Java 17 cannot trim what malloc keeps
                "-XX:+IgnoreUnrecognizedVMOptions",
                "@" + Machine.repository().resolve("docker/jvm.options")));
        command.addAll(List.of(told));
        command.addAll(List.of("-XX:+PrintFlagsFinal", "-version"));
        Command java = Command.run(Duration.ofSeconds(30), command);
        assertThat(java.status()).as(java.errors()).isZero();
        return java.text()
                .lines()
                .map(String::strip)
                .filter(line -> line.contains(" " + name + " "))
                .map(line -> Integer.parseInt(line.split("\\s+", -1)[3]))
                .findFirst()
                .orElseThrow();
    }
}
