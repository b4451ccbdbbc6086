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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One pod's process in another pod's namespaces. */
class ForeignNamespaceCheckTest {

    private static final String CHECK = "foreign-namespace";

    @ParameterizedTest
    @ValueSource(strings = {"MNT", "PID", "NET", "IPC", "UTS"})
    void processInAnotherPodsNamespaceIsCritical(String type) {
        Processes other = Processes.of(200, "other", "main");
        Processes process = Processes.of(101, "web", "main").besides(main()).joins(other, NamespaceType.valueOf(type));

        Finding finding = node().with(main(), other, process).finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.container().pod()).isEqualTo("web");
        assertThat(finding.message()).contains("shop/other");
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MNT", "NET", "IPC", "UTS"})
    void threadAloneInAnotherPodsNamespaceIsCritical(String name) {
        NamespaceType type = NamespaceType.valueOf(name);
        Processes other = Processes.of(200, "other", "main");

        Finding finding =
                node().with(main().threadIn(107, type, in(other, type)), other).finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.message())
                .startsWith("a thread of 1 process of shop/web")
                .contains("shop/other");
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/100/task/107/ns/" + type.link());
    }

    @Test
    void workingDirectoryInAnotherPodsMountNamespaceIsCritical() {
        Processes other = Processes.of(200, "other", "main");

        Finding finding = node().with(
                        main().directory(
                                        "cwd",
                                        "/etc",
                                        other.inode(NamespaceType.MNT).orElseThrow()),
                        other)
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.message()).contains("shop/other");
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/100/cwd");
    }

    /** As network plugins work: a thread goes to a pod, does something to its network, and comes back or stays. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{hostNetwork: true, containers: [{name: main}]}",
                "{containers: [{name: main, securityContext: {privileged: true}}]}"
            })
    void threadOfWhoServesTheNodeMayVisitAnotherPodsNetwork(String spec) {
        Processes other = Processes.of(200, "other", "main");
        String pods = "metadata: {name: web}\nspec: " + spec + "\n---\nmetadata: {name: other}";
        Processes visits = main().threadIn(107, NamespaceType.NET, in(other, NamespaceType.NET));
        Processes escapes = main().threadIn(107, NamespaceType.MNT, in(other, NamespaceType.MNT));

        assertThat(Nodes.node().pods(pods).with(visits, other).drift()).isEmpty();
        assertThat(Nodes.node().pods(pods).with(escapes, other).finding(CHECK).processCount())
                .isEqualTo(1);
    }

    private static Reading<Long> in(Processes other, NamespaceType type) {
        return Reading.of(other.inode(type).orElseThrow());
    }

    @Test
    void sandboxsNamespacesAreThePodsOwn() {
        Processes sandbox = Processes.sandbox(99, "web");
        Nodes node = node().with(sandbox, main().inPodOf(sandbox));

        assertThat(node.drift()).isEmpty();
        assertThat(node.verdict(CHECK, "main").orElseThrow().outcome()).isEqualTo(Outcome.CONFORMS);
    }

    @Test
    void otherPodsSandboxIsNot() {
        Processes sandbox = Processes.sandbox(199, "other");

        assertThat(node().with(
                                sandbox,
                                Processes.of(200, "other", "main").inPodOf(sandbox),
                                main().joins(sandbox, NamespaceType.NET))
                        .finding(CHECK)
                        .message())
                .contains("shop/other (sandbox)");
    }

    @Test
    void hostsNamespacesBelongToNoPod() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec: {hostNetwork: true, containers: [{name: main}]}
                ---
                metadata: {name: other}
                spec: {hostNetwork: true, containers: [{name: main}]}
                """);

        assertThat(node.with(
                                main().host(NamespaceType.NET, NamespaceType.UTS),
                                Processes.of(200, "other", "main").host(NamespaceType.NET, NamespaceType.UTS))
                        .drift())
                .isEmpty();
    }

    private static Nodes node() {
        return Nodes.node().pods("metadata: {name: web}\n---\nmetadata: {name: other}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
