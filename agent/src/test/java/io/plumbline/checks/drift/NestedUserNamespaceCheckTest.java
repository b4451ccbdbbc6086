package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;

/** User namespaces that a container made. */
class NestedUserNamespaceCheckTest {

    private static final String CHECK = "nested-user-namespace";

    @Test
    void namespaceOfItsOwnMakingIsInformation() {
        Processes builder = Processes.of(101, "web", "main").besides(main()).userNamespace(1000, 1);

        Finding finding = pod("").with(main(), builder).finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.INFO);
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101);
    }

    @Test
    void podsOwnIsNotNestedAndOneBelowItIs() {
        Processes first = main().userNamespace(200_000, 65_536);
        Processes below = Processes.of(101, "web", "main").besides(first).userNamespace(200_000, 1);

        assertThat(pod("hostUsers: false, ").with(first).drift()).isEmpty();
        assertThat(pod("hostUsers: false, ").with(first, below).finding(CHECK).processCount())
                .isEqualTo(1);
    }

    @Test
    void kernelWithoutUserNamespacesHasNone() {
        Processes process = main().namespace(NamespaceType.USER, new Reading.Absent<>("/proc/100/ns/user"));

        assertThat(pod("").with(process).verdict(CHECK, "main").orElseThrow().outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    private static Nodes pod(String spec) {
        return Nodes.node().pods("metadata: {name: web}\nspec: {" + spec + "containers: [{name: main}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
