package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.Severity;
import org.junit.jupiter.api.Test;

/** Processes in the kubelet's cgroups that are of no container of it. */
class OrphanProcessCheckTest {

    private static final String CHECK = "orphan-process";
    private static final String STRANGE = "ab".repeat(32);

    @Test
    void podThatTheKubeletDoesNotKnowIsNamedByItsUid() {
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("gone") + "/" + STRANGE))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.container().pod()).isEmpty();
        assertThat(finding.container().podUid()).isEqualTo(Pods.uid("gone"));
        assertThat(finding.message())
                .isEqualTo("1 process in a pod's cgroup (pod UID " + Pods.uid("gone") + ", container " + STRANGE
                        + ") that the kubelet does not know");
    }

    @Test
    void podThatItKnowsIsNamedByItsName() {
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("web") + "/" + STRANGE))
                .finding(CHECK);

        assertThat(finding.container().words()).isEqualTo("shop/web (container " + STRANGE + ")");
        assertThat(finding.container().podUid()).isEqualTo(Pods.uid("web"));
    }

    @Test
    void processInThePodsOwnCgroupIsInNoneOfItsContainers() {
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("web")))
                .finding(CHECK);

        assertThat(finding.container().words()).isEqualTo("shop/web (no container)");
        assertThat(finding.message()).isEqualTo("1 process in the cgroup of shop/web, in none of its containers");
    }

    @Test
    void withoutAKubeletNobodyIsAnOrphan() {
        assertThat(Nodes.node()
                        .with(Processes.process(300)
                                .cgroup("/kubepods/burstable/pod" + Pods.uid("gone") + "/" + STRANGE))
                        .drift())
                .isEmpty();
    }
}
