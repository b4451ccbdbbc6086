package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code ./plumbline bench fleet} prints what docs/scale.md says. */
final class FleetIT {

    @Test
    void theNumbersOfTheDocumentAreTheOnesThatTheCommandPrints() throws IOException {
        Machine.needsProgram("make");
        Machine.needsProgram("gcc");
        Path repository = Machine.repository();
        Command fleet = Command.run(
                Duration.ofMinutes(5), List.of(repository.resolve("plumbline").toString(), "bench", "fleet"));
        assertThat(fleet.status()).as(fleet.errors()).isZero();
        String page = Files.readString(repository.resolve("docs/scale.md"));
        String table = page.substring(
                page.indexOf("<!-- fleet -->\n") + "<!-- fleet -->\n".length(), page.indexOf("<!-- end of fleet -->"));
        assertThat(fleet.text()).endsWith("\n" + table);
        assertThat(fleet.text()).contains("12 of 12 publishers have written a report of ");
    }
}
