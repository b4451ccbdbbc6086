package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** no_new_privs, where allowPrivilegeEscalation is false. */
class NoNewPrivilegesCheckTest {

    private static final String CHECK = "no-new-privileges";

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{allowPrivilegeEscalation: true}"})
    void nothingIsPromisedUnlessItIsFalse(String context) {
        Verdict verdict = pod(context).with(main()).verdict(CHECK, "main").orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.effective()).containsExactly("0");
    }

    @Test
    void processWithoutItIsDrift() {
        assertThat(pod("{allowPrivilegeEscalation: false}")
                        .with(main().noNewPrivileges())
                        .drift())
                .isEmpty();
        Finding finding = pod("{allowPrivilegeEscalation: false}").with(main()).finding(CHECK);
        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.evidence().get(0).line()).isEqualTo("NoNewPrivs:\t0");
    }

    @Test
    void kernelThatPrintsNoSuchLineLeavesItOpen() {
        assertThat(pod("{allowPrivilegeEscalation: false}")
                        .with(main().withoutNewFields())
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .undetermined()
                        .get(0)
                        .why())
                .contains("prints no NoNewPrivs");
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
