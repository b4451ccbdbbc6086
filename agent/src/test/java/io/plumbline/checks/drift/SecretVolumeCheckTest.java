package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes that have to be in memory. */
class SecretVolumeCheckTest {

    private static final String CHECK = "secret-volume";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "secret: {secretName: s}|VIOLATES",
                "emptyDir: {medium: Memory}|VIOLATES",
                "projected: {sources: [{serviceAccountToken: {path: token}}]}|VIOLATES",
                "projected: {sources: [{configMap: {name: c}}]}|",
                "emptyDir: {}|",
                "configMap: {name: c}|"
            })
    void volumeForSecretsOnADiskIsDrift(String volume, String outcome) {
        Nodes node = pod(volume);

        assertThat(node.with(main().mounts(on("254:0", "ext4")))
                        .verdict(CHECK, "main")
                        .map(Verdict::outcome)
                        .map(Outcome::name)
                        .orElse(""))
                .isEqualTo(outcome == null ? "" : outcome);
        assertThat(pod(volume).with(main().mounts(on("0:99", "tmpfs"))).drift()).isEmpty();
        assertThat(pod(volume).with(main().mounts(on("0:99", "ramfs"))).drift()).isEmpty();
    }

    /** In most images {@code /var/run} is a link, and the kernel shows where it leads. */
    @Test
    void mountBehindALinkIsTheSame() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  containers: [{name: main, volumeMounts: [{name: v, mountPath: /var/run/secrets/mine/}]}]
                  volumes: [{name: v, secret: {secretName: s}}]
                """);

        Finding finding = node.with(main().mounts(Mounts.ofContainer()
                        .with("600 391 254:0 /x/pods/" + Pods.uid("web")
                                + "/volumes/kubernetes.io~secret/v /run/secrets/mine rw - ext4 /dev/vda rw")))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.message()).contains("v at /run/secrets/mine on ext4");
    }

    private static Mounts on(String device, String type) {
        return Mounts.ofContainer()
                .with("600 391 " + device + " /var/lib/kubelet/pods/" + Pods.uid("web")
                        + "/volumes/kubernetes.io~x/v /v rw - " + type + " " + type + " rw");
    }

    private static Nodes pod(String volume) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, volumeMounts: [{name: v,"
                        + " mountPath: /v}]}], volumes: [{name: v, " + volume + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
