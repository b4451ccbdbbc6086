package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five thousand processes at once, in 250 groups that look like containers. */
final class PopulationIT {
    private static final int PROCESSES = 5000;

    @Test
    void fiveThousandProcessesAreScannedInOneGo(@TempDir Path directory) throws IOException, InterruptedException {
        Machine.needsContainers();
        Path source = Machine.repository().resolve("native-helpers/src/bench/c/spawn_procs.c");
        Path program = directory.resolve("spawn_procs");
        Command.succeed(
                Machine.needsProgram("gcc").toString(), "-O2", "-static", "-o", program.toString(), source.toString());
        Path pods = directory.resolve("pods.json");
        Files.writeString(pods, "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": []}");
        Process population = new ProcessBuilder(
                        program.toString(), "-i", "-n", Integer.toString(PROCESSES), "-g", "250", "-u", "5")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            var output = new BufferedReader(new InputStreamReader(population.getInputStream(), StandardCharsets.UTF_8));
            assertThat(output.readLine()).startsWith("READY " + PROCESSES + " ");
            Scan scan = Scan.json(java.util.List.of("--pods", pods.toString(), "--host-root", directory.toString()));
            assertThat(scan.took()).isLessThan(Duration.ofSeconds(30));
            int counted = 0;
            for (JsonNode count : scan.report().at("/node/processes")) {
                counted += count.asInt();
            }
            assertThat(counted).isGreaterThanOrEqualTo(PROCESSES);
            assertThat(scan.findings())
                    .allSatisfy(finding -> assertThat(finding.pids())
                            .as("the ten oldest and a count, whatever there are")
                            .hasSizeLessThanOrEqualTo(10));
        } finally {
            population.getOutputStream().close(); // its sign to end the others
            if (!population.waitFor(60, TimeUnit.SECONDS)) {
                population.destroy();
            }
        }
        assertThat(population.exitValue()).isZero();
    }
}
