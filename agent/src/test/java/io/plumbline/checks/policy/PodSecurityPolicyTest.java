package io.plumbline.checks.policy;

import static io.plumbline.checks.policy.FormerPolicies.container;
import static io.plumbline.checks.policy.FormerPolicies.manifest;
import static io.plumbline.checks.policy.FormerPolicies.policies;
import static io.plumbline.checks.policy.FormerPolicies.psp;
import static io.plumbline.checks.policy.FormerPolicies.violations;
import static io.plumbline.checks.policy.FormerPolicies.volume;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PolicyViolation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PodSecurityPolicies as a whole: which one speaks, what it fills in, what is wrong with it. */
class PodSecurityPolicyTest {
    private static final Path SEED = Path.of("../docs/examples/book/psp-default.yaml");

    @TempDir
    private Path directory;

    @Test
    void whatAdmissionWouldHaveWrittenIsWhatIsExpected() throws Exception {
        OwnPolicies policies = policies(directory, psp("p", """
                runAsUser: {rule: MustRunAs, ranges: [{min: 405, max: 500}]}
                runAsGroup: {rule: MustRunAs, ranges: [{min: 7, max: 8}]}
                fsGroup: {rule: MustRunAs, ranges: [{min: 2, max: 10}]}
                supplementalGroups: {rule: MustRunAs, ranges: [{min: 5, max: 9}]}
                seLinux: {rule: MustRunAs, seLinuxOptions: {type: t}}
                readOnlyRootFilesystem: true
                allowPrivilegeEscalation: false
                defaultAddCapabilities: [CHOWN, KILL]
                requiredDropCapabilities: [SYS_ADMIN]
                runtimeClass: {allowedRuntimeClassNames: [gvisor], defaultRuntimeClassName: gvisor}
                """));

        DeclaredPod filled = policies.former(manifest(container("capabilities: {drop: [KILL]}")), Map.of())
                .orElseThrow()
                .defaulted();

        ContainerSecurity security = filled.containers().get(0).security();
        assertThat(security.runAsUser()).contains(405L);
        assertThat(security.runAsGroup()).contains(7L);
        assertThat(security.readOnlyRootFilesystem()).contains(true);
        assertThat(security.allowPrivilegeEscalation()).contains(false);
        assertThat(security.capabilities().orElseThrow().add()).containsExactly("CHOWN");
        assertThat(security.capabilities().orElseThrow().drop()).containsExactly("KILL", "SYS_ADMIN");
        assertThat(filled.security().fsGroup()).contains(2L);
        assertThat(filled.security().supplementalGroups()).containsExactly(5L);
        assertThat(filled.security().seLinuxOptions().orElseThrow().type()).contains("t");
        assertThat(filled.runtimeClassName()).contains("gvisor");
    }

    @Test
    void mustRunAsNonRootFillsInRunAsNonRootWhereNoUserIsSaid() throws Exception {
        OwnPolicies policies = policies(directory, psp("p", "runAsUser: {rule: MustRunAsNonRoot}"));

        assertThat(policies.former(manifest(container("")), Map.of())
                        .orElseThrow()
                        .defaulted()
                        .containers()
                        .get(0)
                        .security()
                        .runAsNonRoot())
                .contains(true);
    }

    @Test
    void theBooksPolicyIsReadUnchanged() throws Exception {
        OwnPolicies policies =
                new OwnPolicies(new PodSecurityStandards(PolicyChecks.all()), PolicyFiles.read(List.of(SEED)));

        assertThat(violations(policies, "containers: [{name: main, image: alpine}]"))
                .isEmpty();
        assertThat(violations(
                        policies,
                        "hostNetwork: true\nhostPID: true\nvolumes: [{name: v, hostPath: {path: /}}]\ncontainers: [{name: main,"
                                + " ports: [{containerPort: 4000, hostPort: 9000}], securityContext: {privileged: true,"
                                + " runAsUser: 0, readOnlyRootFilesystem: false, capabilities: {add: [SYS_TIME]}}}]"))
                .extracting(PolicyViolation::check)
                .containsExactlyInAnyOrder(
                        "host-namespaces",
                        "privileged",
                        "capabilities-baseline",
                        "host-ports",
                        "allowed-volumes",
                        "run-as-user",
                        "read-only-root-filesystem");
    }

    @Test
    void violationNamesContainerFieldAndWayOut() throws Exception {
        OwnPolicies policies =
                new OwnPolicies(new PodSecurityStandards(PolicyChecks.all()), PolicyFiles.read(List.of(SEED)));

        assertThat(violations(policies, "containers: [{name: main, securityContext: {runAsUser: 1000}}]"))
                .containsExactly(new PolicyViolation(
                        "run-as-user", "securityContext.runAsUser is 1000 in container \"main\". Use a user of 405."));
    }

    @Test
    void tokenVolumeThatAdmissionAddsCountsAsTheSecretOfOld() throws Exception {
        OwnPolicies policies = policies(directory, psp("p", "volumes: [secret]"));
        String own =
                "projected: {sources: [{serviceAccountToken: {path: token}}, {configMap: {name: kube-root-ca.crt}},"
                        + " {downwardAPI: {items: [{path: namespace}]}}]}";

        assertThat(violations(policies, volume(own))).isEmpty();
        assertThat(violations(policies, volume(own.replace("kube-root-ca.crt", "mine"))))
                .hasSize(1);
        assertThat(violations(policies, volume(own.replace("path: token", "path: token, audience: vault"))))
                .hasSize(1);
    }

    @Test
    void onePolicyThatAdmitsIsEnoughElseTheNearestSpeaks() throws Exception {
        OwnPolicies policies = policies(
                directory,
                psp("far", "privileged: false\nhostPID: false\nreadOnlyRootFilesystem: true"),
                psp("near", "privileged: false"));

        assertThat(violations(policies, "hostPID: true\ncontainers: [{name: a}]"))
                .isEmpty();
        assertThat(policies.judge(
                        manifest("hostPID: true\ncontainers: [{name: a, securityContext: {privileged: true}}]"),
                        Map.of()))
                .singleElement()
                .satisfies(word -> {
                    assertThat(word.policy()).isEqualTo("PodSecurityPolicy near");
                    assertThat(word.violations()).hasSize(1);
                });
    }

    @Test
    void bindingSelectsByNamespaceLabelAndServiceAccount() throws Exception {
        OwnPolicies policies = policies(directory, psp("strict", "privileged: false"), """
                apiVersion: plumbline.io/v1
                kind: PolicyBinding
                spec:
                  policies: [strict]
                  namespaces: [shop]
                  namespaceSelector: {matchLabels: {tier: front}}
                  serviceAccounts: [shop/web, builder]
                """);
        String privileged = "containers: [{name: a, securityContext: {privileged: true}}]";

        assertThat(policies.judge(manifest("serviceAccountName: web\n" + privileged), Map.of("tier", "front")))
                .singleElement()
                .satisfies(word -> assertThat(word.violations()).hasSize(1));
        assertThat(policies.judge(manifest("serviceAccountName: web\n" + privileged), Map.of()))
                .isEmpty();
        assertThat(policies.judge(manifest("serviceAccountName: other\n" + privileged), Map.of("tier", "front")))
                .isEmpty();
    }

    @Test
    void podPolicyAddsChecksToALevel() throws Exception {
        OwnPolicies policies = policies(directory, """
                apiVersion: plumbline.io/v1
                kind: PodPolicy
                metadata: {name: house}
                spec:
                  level: baseline
                  version: v1.29
                  checks: [read-only-root-filesystem, allowed-images, default-namespace]
                  allowedImages: ['registry.example/*']
                """);

        assertThat(violations(policies, "hostPID: true\ncontainers: [{name: a, image: alpine}]"))
                .extracting(PolicyViolation::check)
                .containsExactly("host-namespaces", "read-only-root-filesystem", "allowed-images");
        assertThat(
                        violations(
                                policies,
                                "containers: [{name: a, image: registry.example/a, securityContext: {readOnlyRootFilesystem: true}}]"))
                .isEmpty();
    }

    @Test
    void everythingThatIsWrongWithAPolicyIsSaidAtOnceWithItsPlace() {
        assertThatThrownBy(() -> policies(directory, """
                        apiVersion: policy/v1beta1
                        kind: PodSecurityPolicy
                        metadata: {name: p}
                        spec:
                          privilegd: true
                          hostPid: true
                          hostPorts: [{min: 5, max: 4}]
                          runAsUser: {rule: MayRunAs}
                          volumes: nfs
                        """, "apiVersion: policy/v2\nkind: PodSecurityPolicy\nspec: {}"))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining("line 5, column 3: unknown field 'spec.privilegd'")
                .hasMessageContaining("did you mean 'hostPID'?")
                .hasMessageContaining("hostPorts: a range has")
                .hasMessageContaining("rule 'MayRunAs' is unknown here; use MustRunAs, MustRunAsNonRoot, RunAsAny")
                .hasMessageContaining("line 9, column 12: expected a list, found the text 'nfs', in 'spec.volumes'")
                .hasMessageContaining("no policy: kind 'PodSecurityPolicy' of 'policy/v2'");
    }
}
