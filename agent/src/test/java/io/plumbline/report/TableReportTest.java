package io.plumbline.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Reading;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table, as a person at a terminal meets it. */
class TableReportTest {

    private static final String NAME = "a-deployment-with-quite-a-long-name-7d4b9c6f5d-x2x9z";

    @ParameterizedTest
    @ValueSource(ints = {80, 100, 200})
    void noLineIsWiderThanTheTerminal(int width) {
        assertThat(lines(crowd(), width)).allMatch(line -> line.length() <= width);
    }

    @Test
    void longNameIsBrokenBetweenItsParts() {
        List<String> lines = lines(crowd(), 80);

        assertThat(lines).anyMatch(line -> line.matches("shop/[a-z-]+- .*"));
        assertThat(lines).containsSequence("high root-user", "    shop/" + NAME + " (container main)");
    }

    @Test
    void nothingButTextIsWrittenWithoutColours() {
        assertThat(String.join("\n", lines(crowd(), 120))).matches("[\\n -~]*");
    }

    @Test
    void containerThatNothingDeclaresIsNotSaidToConform() {
        String text = String.join(
                "\n", lines(Nodes.node().with(Processes.process(400).cgroup("/docker/" + "cd".repeat(32))), 120));

        assertThat(text)
                .contains("cdcdcdcdcdcd  unknown")
                .contains("nothing to compare with")
                .contains("NOT READ")
                .contains("everything of 1 container");
    }

    @Test
    void whatCouldNotBeReadIsCountedInTheRow() {
        Nodes node = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.of(100, "web", "main").origin(new Reading.Unreadable<>("/proc/100/exe", "EACCES")));

        assertThat(lines(node, 120)).anyMatch(line -> line.endsWith("no (1 not read)"));
    }

    /** Nothing was observed, so neither that it has no capabilities nor that nothing differs. */
    @Test
    void containerThatHasJustBegunIsNotSaidToConform() {
        Nodes node = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.of(100, "web", "main").age(Duration.ofMillis(300)));

        assertThat(lines(node, 120))
                .anyMatch(line -> line.matches("\\S*/web main .* no settled process +not known yet"));
    }

    private static Nodes crowd() {
        return Nodes.node()
                .pods("metadata: {name: " + NAME + "}\nspec: {containers: [{name: main, securityContext:"
                        + " {runAsNonRoot: true, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}}]}")
                .with(Processes.of(100, NAME, "main").capabilities(CapabilitySet.NONE));
    }

    private static List<String> lines(Nodes node, int width) {
        return new TableReport(width, Paint.OFF).lines(node.report());
    }
}
