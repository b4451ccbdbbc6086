package io.plumbline.metrics;

import static io.plumbline.SketchedReport.container;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.SketchedProfiles;
import io.plumbline.SketchedReport;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.Moment;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference of metrics says what {@code /metrics} says. {@code -Dgolden.write=true} writes it again. */
class MetricsPageTest {
    private static final Path PAGE = Path.of("../docs/reference/metrics.md");
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

    @Test
    void thePageIsWhatTheMetricsSay() throws IOException {
        String text = scraped();
        Map<String, String> types = new TreeMap<>();
        Map<String, String> helps = new TreeMap<>();
        text.lines().filter(line -> line.startsWith("# TYPE plumbline_")).forEach(line -> {
            String[] words = line.split(" ", 4);
            types.put(words[2], words[3]);
        });
        text.lines().filter(line -> line.startsWith("# HELP plumbline_")).forEach(line -> {
            String[] words = line.split(" ", 4);
            helps.put(words[2], words[3]);
        });
        StringBuilder page = new StringBuilder("""
            # Metrics

            What `/metrics` serves, generated from the code. In addition there are the usual metrics of the JVM and its process (`jvm_memory_*`,
            `jvm_gc_*`, `jvm_threads_*`, `process_*`). No label ever holds a pid, a container id or free text, and a node has at most 500 series.

            | metric | type | labels | what |
            | --- | --- | --- | --- |
            """);
        types.forEach((name, type) -> page.append("| `")
                .append(name)
                .append("` | ")
                .append(type)
                .append(" | ")
                .append(String.join(", ", labels(text, name)))
                .append(" | ")
                .append(helps.getOrDefault(name, "").replace("|", "\\|"))
                .append(" |\n"));
        String now = page.toString();
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(Optional.ofNullable(PAGE.getParent()).orElseThrow());
            Files.writeString(PAGE, now);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(now);
    }

    private static String scraped() {
        AgentMetrics metrics = new AgentMetrics("1.2.3");
        LastScan last = new LastScan(
                SketchedReport.at(NOON)
                        .shows(Severity.HIGH, "seccomp", container("shop", "web"), "web")
                        .couldNotLook(container("shop", "web"), "apparmor")
                        .holds(SketchedProfiles.ofANode())
                        .report(),
                new Moment(NOON, 0),
                Duration.ofMillis(30),
                0);
        metrics.publish(
                new AgentState(
                        NOON,
                        Duration.ofSeconds(15),
                        new Moment(NOON, 0),
                        Optional.of(last),
                        Optional.empty(),
                        new DeclaredSide(false, Optional.empty(), Optional.empty()),
                        new Memory(Optional.empty(), Optional.empty())),
                List.of());
        metrics.countClusterWrite("nodereport", "written");
        return metrics.text(null);
    }

    private static Set<String> labels(String text, String name) {
        Set<String> labels = new TreeSet<>();
        text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + "_bucket{"))
                .forEach(line -> {
                    Matcher label = LABEL.matcher(line);
                    while (label.find()) {
                        labels.add("`" + label.group(1) + "`");
                    }
                });
        labels.remove("`le`");
        return labels;
    }
}
