package io.plumbline.checks.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process makes for itself in a user namespace below the container's (bubblewrap, rootless builders) breaks no policy. */
class PolicyOnSandboxTest {

    private static final String POD = """
            metadata: {name: web}
            spec:
              securityContext: {runAsUser: 1000, runAsGroup: 1000}
              containers: [{name: main, securityContext: {readOnlyRootFilesystem: true}}]
            """;

    private static final Mounts IN_MEMORY = Mounts.of("700 1 0:200 / / rw - tmpfs none rw");

    private final Processes first = Processes.of(100, "web", "main")
            .uid(1000)
            .gid(1000)
            .groups(1000)
            .mounts(Mounts.ofContainer().readOnlyRoot());

    @TempDir
    private Path directory;

    @Test
    void writableRootOfASandboxIsNotTheContainers() {
        assertThat(checks(Nodes.node().pods(POD).with(first, sandbox()))).doesNotContain("read-only-root-filesystem");
        assertThat(checks(Nodes.node()
                        .pods(POD)
                        .with(first, sandbox().host(NamespaceType.USER).joins(first, NamespaceType.PID))))
                .as("made with the container's own rights")
                .contains("read-only-root-filesystem");
    }

    @Test
    void idsAreThoseOfTheContainerWhateverTheyAreCalledInASandbox() throws Exception {
        Path file = Files.writeString(directory.resolve("policy.yaml"), """
                apiVersion: policy/v1beta1
                kind: PodSecurityPolicy
                metadata: {name: p}
                spec:
                  privileged: true
                  volumes: ['*']
                  seLinux: {rule: RunAsAny}
                  runAsUser: {rule: MustRunAs, ranges: [{min: 1000, max: 1000}]}
                  runAsGroup: {rule: MustRunAs, ranges: [{min: 1000, max: 1000}]}
                  supplementalGroups: {rule: RunAsAny}
                  fsGroup: {rule: RunAsAny}
                """);

        assertThat(checks(Nodes.node()
                        .pods(POD)
                        .policy(PolicyFiles.read(List.of(file)))
                        .with(first, sandbox())))
                .isEmpty();
    }

    private Processes sandbox() {
        return Processes.of(101, "web", "main")
                .parent(100)
                .joins(first, NamespaceType.PID)
                .uid(1000)
                .gid(1000)
                .groups(1000)
                .userNamespace(1000, 1)
                .mounts(IN_MEMORY);
    }

    private static Stream<String> checks(Nodes node) {
        return node.findings().stream()
                .filter(finding -> finding.kind() == FindingKind.POLICY)
                .map(Finding::check);
    }
}
