package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Cause;
import io.plumbline.model.Finding;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Severity;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers beside the kubelet's. */
class UnmanagedContainerCheckTest {

    private static final String CHECK = "unmanaged-container";
    private static final String ID = "cd".repeat(32);

    @Test
    void containerOfNoPodIsDriftOnANodeWithAKubelet() {
        Finding finding =
                node().with(Processes.process(400).cgroup("/docker/" + ID)).finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.cause()).isEqualTo(Cause.NOT_EXPLAINED_BY_SPEC);
        assertThat(finding.effective()).containsExactly("made by an unknown runtime: no bundle found");
        assertThat(finding.evidence().get(0).line()).isEqualTo("0::/docker/" + ID);
    }

    @Test
    void bundleTellsWhereItComesFrom() {
        OciBundle bundle =
                Bundles.of(ID).runtime("docker", "moby").cgroup("/docker/" + ID).bundle();

        assertThat(node().bundles(bundle)
                        .with(Processes.process(400).cgroup("/docker/" + ID))
                        .finding(CHECK)
                        .effective())
                .containsExactly("made by docker, namespace moby, as " + bundle.source() + " says");
    }

    @ParameterizedTest
    @CsvSource({"20, false", "40, true"})
    void containerMadeThroughTheRuntimeInterfaceHasUntilTheKubeletTellsOfIt(long seconds, boolean found) {
        OciBundle bundle = Bundles.of(ID).cgroup("/k8s.io/" + ID).bundle();
        Nodes node = node().bundles(bundle)
                .with(Processes.process(400).cgroup("/k8s.io/" + ID).age(Duration.ofSeconds(seconds)));

        assertThat(node.drift().stream().map(Finding::check).toList()).isEqualTo(found ? List.of(CHECK) : List.of());
    }

    @Test
    void machineWithoutAKubeletHasOnlySuch() {
        assertThat(Nodes.node()
                        .with(Processes.process(400).cgroup("/docker/" + ID))
                        .drift())
                .isEmpty();
    }

    private static Nodes node() {
        return Nodes.node().pods("metadata: {name: web}");
    }
}
