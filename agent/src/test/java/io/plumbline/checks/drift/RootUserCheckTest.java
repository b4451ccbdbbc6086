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
import org.junit.jupiter.params.provider.CsvSource;

/** Root, in a container that promises never to be root. */
class RootUserCheckTest {

    private static final String CHECK = "root-user";

    @ParameterizedTest
    @CsvSource({"0,1,1,1", "1,0,1,1", "1,1,0,1", "1,1,1,0"})
    void eachOfTheFourIdsIsRootEnough(long real, long effective, long saved, long fileSystem) {
        Finding finding = pod("{runAsNonRoot: true}")
                .with(main().uids(real, effective, saved, fileSystem))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.evidence().get(0).line())
                .isEqualTo("Uid:\t%d\t%d\t%d\t%d".formatted(real, effective, saved, fileSystem));
    }

    @Test
    void promiseOfThePodHoldsUnlessTheContainerTakesItBack() {
        String pod = """
                metadata: {name: web}
                spec: {securityContext: {runAsNonRoot: true}, containers: [{name: main%s}]}
                """;

        assertThat(Nodes.node()
                        .pods(pod.formatted(""))
                        .with(main())
                        .finding(CHECK)
                        .declared())
                .isEqualTo("runAsNonRoot: true");
        assertThat(Nodes.node()
                        .pods(pod.formatted(", securityContext: {runAsNonRoot: false}"))
                        .with(main())
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    @Test
    void allOfItsProcessesAreJudgedAndNamedInOneFinding() {
        Finding finding = pod("{runAsNonRoot: true, runAsUser: 1000}")
                .with(
                        main().uid(1000),
                        Processes.of(101, "web", "main")
                                .besides(main())
                                .parent(100)
                                .uid(0),
                        Processes.of(102, "web", "main")
                                .besides(main())
                                .parent(100)
                                .uids(1000, 0, 0, 0))
                .finding(CHECK);

        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101, 102);
        assertThat(finding.message()).startsWith("2 processes of shop/web (container main) run as root");
    }

    @Test
    void withoutAPromiseTheIdsAreShown() {
        Verdict verdict = pod("{}").with(main()).verdict(CHECK, "main").orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.effective()).containsExactly("uid 0");
        assertThat(verdict.evidence()).singleElement().extracting("source").isEqualTo("/proc/100/status");
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
