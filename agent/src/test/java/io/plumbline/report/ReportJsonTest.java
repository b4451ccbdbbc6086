package io.plumbline.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A container's plumb table, as the API gives it. */
class ReportJsonTest {

    /** Nothing was observed, so not that it conforms either. */
    @Test
    void containerThatHasJustBegunIsUndetermined() {
        JsonNode rows = rows(Processes.of(100, "web", "main").age(Duration.ofMillis(300)));

        assertThat(rows).isNotEmpty().allSatisfy(row -> {
            assertThat(row.get("verdict").asText()).isEqualTo("undetermined");
            assertThat(row.get("undetermined").toString()).isEqualTo("[\"no process of the container has settled\"]");
        });
    }

    @Test
    void containerThatIsAsDeclaredConforms() {
        assertThat(rows(Processes.of(100, "web", "main")))
                .isNotEmpty()
                .anySatisfy(row -> assertThat(row.get("verdict").asText()).isEqualTo("conforms"));
    }

    private static JsonNode rows(Processes process) {
        var report = Nodes.node().pods("metadata: {name: web}").with(process).report();
        return new ReportJson("docs").container(report.containers().get(0)).get("attributes");
    }
}
