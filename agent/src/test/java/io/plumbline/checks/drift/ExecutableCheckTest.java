package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the running program lies. */
class ExecutableCheckTest {

    private static final String CHECK = "executable";

    @ParameterizedTest
    @CsvSource({
        "IMAGE, CONFORMS",
        "WRITABLE_LAYER, VIOLATES",
        "MEMFD, VIOLATES",
        "DELETED, VIOLATES",
    })
    void programThatIsNotFromTheImageIsDrift(ExecutableOrigin.Kind kind, Outcome outcome) {
        assertThat(pod("", "")
                        .with(main().program("/tmp/x").origin(kind, "/u/tmp/x"))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(outcome);
    }

    @Test
    void upperLayersFileIsTheEvidence() {
        Finding finding = pod("", "")
                .with(main().program("/tmp/x").origin(ExecutableOrigin.Kind.WRITABLE_LAYER, "/u/tmp/x"))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.evidence()).extracting("source").containsExactly("/proc/100/exe", "/u/tmp/x");
    }

    @Test
    void programOnADeclaredVolumeConformsAndOnAnotherMountDoesNot() {
        String volume = "600 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/volumes/kubernetes.io~empty-dir/tools /tools rw - ext4 /dev/vda rw";
        Nodes node = pod("{name: tools, mountPath: /tools}", "{name: tools, emptyDir: {}}");

        assertThat(node.with(main().program("/tools/run")
                                .origin(ExecutableOrigin.Kind.VOLUME, "/tools")
                                .mounts(Mounts.ofContainer().with(volume)))
                        .drift())
                .isEmpty();
        String ofTheImage = "600 391 254:0 /var/lib/containerd/io.containerd.grpc.v1.cri/containers/"
                + Pods.containerId("web", "main") + "/volumes/008c /data rw - ext4 /dev/vda rw";
        assertThat(pod("", "")
                        .with(main().program("/data/run")
                                .origin(ExecutableOrigin.Kind.VOLUME, "/data")
                                .mounts(Mounts.ofContainer().with(ofTheImage)))
                        .drift())
                .isEmpty();
        assertThat(pod("", "")
                        .with(main().program("/dev/shm/run").origin(ExecutableOrigin.Kind.VOLUME, "/dev/shm"))
                        .finding(CHECK)
                        .effective())
                .containsExactly("no volume");
    }

    @Test
    void linkThatCannotBeReadIsUndetermined() {
        Verdict verdict = pod("", "")
                .with(main().origin(new Reading.Unreadable<>("/proc/100/exe", "EACCES")))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
        assertThat(verdict.undetermined().get(0).source()).isEqualTo("/proc/100/exe");
    }

    private static Nodes pod(String mount, String volume) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, volumeMounts: [" + mount
                        + "]}], volumes: [" + volume + "]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
