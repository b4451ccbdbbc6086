package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A filter, where one is declared or the kubelet's default. */
class SeccompCheckTest {

    private static final String CHECK = "seccomp";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{seccompProfile: {type: RuntimeDefault}}|{}|violates",
                "{seccompProfile: {type: Localhost, localhostProfile: p.json}}|{}|violates",
                "{}|{seccompProfile: {type: RuntimeDefault}}|violates",
                "{seccompProfile: {type: RuntimeDefault}}|{seccompProfile: {type: Unconfined}}|conforms",
                "{}|{}|conforms"
            })
    void containersProfileStandsOverThePods(String pod, String container, String outcome) {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec: {securityContext: %s, containers: [{name: main, securityContext: %s}]}
                """.formatted(pod, container));

        Verdict verdict = node.with(main().seccomp(0)).verdict(CHECK, "main").orElseThrow();

        assertThat(verdict.outcome().name()).isEqualToIgnoringCase(outcome);
        assertThat(verdict.effective()).containsExactly("none");
    }

    @Test
    void strictModeIsNoLessThanAFilter() {
        assertThat(pod("{seccompProfile: {type: RuntimeDefault}}")
                        .with(main().seccomp(1))
                        .drift())
                .isEmpty();
    }

    @Test
    void kernelThatPrintsNoSuchLineLeavesItOpen() {
        assertThat(pod("{seccompProfile: {type: RuntimeDefault}}")
                        .with(main().withoutNewFields())
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
