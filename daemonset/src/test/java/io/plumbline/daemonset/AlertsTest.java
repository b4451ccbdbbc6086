package io.plumbline.daemonset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of alerts, by Prometheus' own checker; that their metrics exist is shown where a real Prometheus scrapes a real agent. */
class AlertsTest {
    private static final Path RULES = Chart.DIRECTORY.resolve("files/alerts.yml");
    private static final Path TESTS = Chart.repository().resolve("daemonset/alerts_test.yml");
    private static final Path RUNBOOKS = Chart.repository().resolve("docs/runbooks/alerts");

    @Test
    void prometheusTakesTheRules() throws Exception {
        promtool("check", "rules", RULES.toString());
    }

    @Test
    void theyWakeSomebodyWhenTheyShouldAndAtNoOtherTime() throws Exception {
        promtool("test", "rules", TESTS.toString());
    }

    @Test
    void everyAlertIsTested() {
        Set<String> tested = new TreeSet<>();
        Chart.yaml(TESTS).findValues("alertname").forEach(name -> tested.add(name.asText()));
        assertThat(tested).isEqualTo(names());
    }

    @Test
    void everyAlertSaysHowBadItIsAndHasARunbookAndEveryRunbookAnAlert() throws IOException {
        for (JsonNode rule : rules()) {
            String name = rule.get("alert").asText();
            assertThat(rule.at("/labels/severity").asText()).as(name).isIn("critical", "warning", "info");
            assertThat(rule.at("/annotations/runbook_url").asText()).isEqualTo("docs/runbooks/alerts/" + name + ".md");
            assertThat(Files.readString(RUNBOOKS.resolve(name + ".md")))
                    .startsWith("# " + name + "\n")
                    .contains("## What it means", "## What to do");
        }
        try (Stream<Path> pages = Files.list(RUNBOOKS)) {
            assertThat(pages.map(page -> page.getFileName().toString().replace(".md", "")))
                    .containsExactlyInAnyOrderElementsOf(names());
        }
    }

    private static Set<String> names() {
        Set<String> names = new TreeSet<>();
        rules().forEach(rule -> names.add(rule.get("alert").asText()));
        return names;
    }

    private static List<JsonNode> rules() {
        return Stream.of(Chart.yaml(RULES).at("/groups/0/rules"))
                .flatMap(rules -> {
                    Stream.Builder<JsonNode> each = Stream.builder();
                    rules.forEach(each);
                    return each.build();
                })
                .toList();
    }

    private static void promtool(String... words) throws Exception {
        Path program = Stream.of("/usr/bin/promtool", "/usr/local/bin/promtool")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of("none"));
        assumeThat(program).as("promtool of the package prometheus").isExecutable();
        Process process = new ProcessBuilder(Stream.concat(Stream.of(program.toString()), Stream.of(words))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("SUCCESS");
    }
}
