package io.plumbline.checks.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicyViolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every field of a PodSecurityPolicy, with a pod that it admits and one that it refuses. */
class PodSecurityPolicyTest {

    private static final Path SEED = Path.of("../docs/examples/book/psp-default.yaml");

    /** Lets everything in but what a case takes away. */
    private static final String OPEN = """
            privileged: true
            hostNetwork: true
            hostPID: true
            hostIPC: true
            hostPorts: [{min: 0, max: 65535}]
            volumes: ['*']
            allowedCapabilities: ['*']
            seLinux: {rule: RunAsAny}
            runAsUser: {rule: RunAsAny}
            supplementalGroups: {rule: RunAsAny}
            fsGroup: {rule: RunAsAny}
            """;

    @TempDir
    private Path directory;

    private record Case(String field, String check, String spec, String admitted, String refused) {}

    private static String pod(String podSecurity, String security) {
        return "securityContext: {" + podSecurity + "}\ncontainers: [{name: a, securityContext: {" + security + "}}]";
    }

    private static String container(String security) {
        return pod("", security);
    }

    private static String volume(String volume) {
        return "volumes: [{name: v, " + volume + "}]\ncontainers: [{name: a}]";
    }

    private static final String HOST = "volumes: [{name: v, hostPath: {path: %s}}]\n"
            + "containers: [{name: a, volumeMounts: [{name: v, mountPath: /v, readOnly: %s}]}]";

    private static final List<Case> CASES = List.of(
            new Case("privileged", "privileged", "privileged: false", container(""), container("privileged: true")),
            new Case(
                    "hostNetwork",
                    "host-namespaces",
                    "hostNetwork: false",
                    "containers: [{name: a}]",
                    "hostNetwork: true\ncontainers: [{name: a}]"),
            new Case(
                    "hostPID",
                    "host-namespaces",
                    "hostPID: false",
                    "containers: [{name: a}]",
                    "hostPID: true\ncontainers: [{name: a}]"),
            new Case(
                    "hostIPC",
                    "host-namespaces",
                    "hostIPC: false",
                    "containers: [{name: a}]",
                    "hostIPC: true\ncontainers: [{name: a}]"),
            new Case(
                    "hostPorts",
                    "host-ports",
                    "hostPorts: [{min: 10000, max: 11000}, {min: 13000, max: 14000}]",
                    "containers: [{name: a, ports: [{containerPort: 80, hostPort: 11000}, {containerPort: 81, hostPort: 13000}]}]",
                    "containers: [{name: a, ports: [{containerPort: 80, hostPort: 11001}]}]"),
            new Case(
                    "no hostPorts",
                    "host-ports",
                    "hostPorts: []",
                    "containers: [{name: a, ports: [{containerPort: 80}]}]",
                    "containers: [{name: a, ports: [{containerPort: 80, hostPort: 80}]}]"),
            new Case(
                    "allowedCapabilities",
                    "capabilities-baseline",
                    "allowedCapabilities: [SYS_TIME]",
                    container("capabilities: {add: [SYS_TIME]}"),
                    container("capabilities: {add: [NET_ADMIN]}")),
            new Case(
                    "defaultAddCapabilities",
                    "capabilities-baseline",
                    "allowedCapabilities: []\ndefaultAddCapabilities: [CHOWN]",
                    container("capabilities: {add: [CHOWN]}"),
                    container("capabilities: {add: [FOWNER]}")),
            new Case(
                    "requiredDropCapabilities",
                    "capabilities-restricted",
                    "allowedCapabilities: [SYS_TIME, SYS_ADMIN]\nrequiredDropCapabilities: [SYS_ADMIN, SYS_MODULE]",
                    container("capabilities: {add: [SYS_TIME]}"),
                    container("capabilities: {add: [SYS_ADMIN]}")),
            new Case(
                    "volumes",
                    "allowed-volumes",
                    "volumes: [emptyDir, configMap, cephFS]",
                    volume("cephfs: {monitors: [m]}"),
                    volume("nfs: {server: s, path: /}")),
            new Case(
                    "allowedHostPaths",
                    "allowed-host-paths",
                    "allowedHostPaths: [{pathPrefix: /foo}]",
                    HOST.formatted("/foo/bar", "false"),
                    HOST.formatted("/food", "false")),
            new Case(
                    "allowedHostPaths, no way out of them",
                    "allowed-host-paths",
                    "allowedHostPaths: [{pathPrefix: /foo}]",
                    HOST.formatted("/foo/", "false"),
                    HOST.formatted("/foo/../etc", "false")),
            new Case(
                    "allowedHostPaths.readOnly",
                    "allowed-host-paths",
                    "allowedHostPaths: [{pathPrefix: /foo, readOnly: true}]",
                    HOST.formatted("/foo", "true"),
                    HOST.formatted("/foo", "false")),
            new Case(
                    "allowedFlexVolumes",
                    "allowed-volumes",
                    "allowedFlexVolumes: [{driver: example/lvm}]",
                    volume("flexVolume: {driver: example/lvm}"),
                    volume("flexVolume: {driver: example/cifs}")),
            new Case(
                    "allowedCSIDrivers",
                    "allowed-volumes",
                    "allowedCSIDrivers: [{name: inline.example}]",
                    volume("csi: {driver: inline.example}"),
                    volume("csi: {driver: other.example}")),
            new Case(
                    "seLinux",
                    "se-linux-options",
                    "seLinux: {rule: MustRunAs, seLinuxOptions: {type: t, level: 's0:c1,c2'}}",
                    container("seLinuxOptions: {type: t, level: 's0:c2,c1'}"),
                    container("seLinuxOptions: {type: u, level: 's0:c1,c2'}")),
            new Case(
                    "runAsUser MustRunAs",
                    "run-as-user",
                    "runAsUser: {rule: MustRunAs, ranges: [{min: 405, max: 405}]}",
                    pod("runAsUser: 405", ""),
                    container("runAsUser: 0")),
            new Case(
                    "runAsUser MustRunAsNonRoot",
                    "run-as-non-root",
                    "runAsUser: {rule: MustRunAsNonRoot}",
                    container("runAsUser: 1"),
                    container("runAsUser: 0")),
            new Case(
                    "runAsUser MustRunAsNonRoot, runAsNonRoot",
                    "run-as-non-root",
                    "runAsUser: {rule: MustRunAsNonRoot}",
                    container(""),
                    container("runAsNonRoot: false")),
            new Case(
                    "runAsGroup MustRunAs",
                    "run-as-group",
                    "runAsGroup: {rule: MustRunAs, ranges: [{min: 5, max: 9}]}",
                    container(""),
                    container("runAsGroup: 10")),
            new Case(
                    "runAsGroup MayRunAs",
                    "run-as-group",
                    "runAsGroup: {rule: MayRunAs, ranges: [{min: 5, max: 9}]}",
                    container("runAsGroup: 9"),
                    container("runAsGroup: 4")),
            new Case(
                    "supplementalGroups MustRunAs",
                    "supplemental-groups",
                    "supplementalGroups: {rule: MustRunAs, ranges: [{min: 5, max: 9}, {min: 20, max: 20}]}",
                    pod("supplementalGroups: [6, 20]", ""),
                    pod("supplementalGroups: [6, 21]", "")),
            new Case(
                    "supplementalGroups MayRunAs",
                    "supplemental-groups",
                    "supplementalGroups: {rule: MayRunAs, ranges: [{min: 5, max: 9}]}",
                    pod("", ""),
                    pod("supplementalGroups: [10]", "")),
            new Case(
                    "fsGroup MustRunAs",
                    "fs-group",
                    "fsGroup: {rule: MustRunAs, ranges: [{min: 2, max: 10}]}",
                    pod("fsGroup: 2", ""),
                    pod("fsGroup: 11", "")),
            new Case(
                    "fsGroup MayRunAs",
                    "fs-group",
                    "fsGroup: {rule: MayRunAs, ranges: [{min: 2, max: 10}]}",
                    pod("", ""),
                    pod("fsGroup: 1", "")),
            new Case(
                    "readOnlyRootFilesystem",
                    "read-only-root-filesystem",
                    "readOnlyRootFilesystem: true",
                    container(""),
                    container("readOnlyRootFilesystem: false")),
            new Case(
                    "allowPrivilegeEscalation",
                    "allow-privilege-escalation",
                    "allowPrivilegeEscalation: false",
                    container(""),
                    container("allowPrivilegeEscalation: true")),
            new Case(
                    "defaultAllowPrivilegeEscalation",
                    "allow-privilege-escalation",
                    "allowPrivilegeEscalation: false\ndefaultAllowPrivilegeEscalation: false",
                    container(""),
                    container("allowPrivilegeEscalation: true")),
            new Case(
                    "allowedUnsafeSysctls",
                    "sysctls",
                    "allowedUnsafeSysctls: ['kernel.msg*']",
                    pod(
                            "sysctls: [{name: kernel.msgmax, value: '1'}, {name: net.ipv4.tcp_syncookies, value: '1'}]",
                            ""),
                    pod("sysctls: [{name: kernel.sem, value: '1'}]", "")),
            new Case(
                    "forbiddenSysctls",
                    "sysctls",
                    "allowedUnsafeSysctls: ['*']\nforbiddenSysctls: ['net.ipv4.*']",
                    pod("sysctls: [{name: kernel.msgmax, value: '1'}]", ""),
                    pod("sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]", "")),
            new Case(
                    "allowedProcMountTypes",
                    "proc-mount",
                    "allowedProcMountTypes: [Default]",
                    container("procMount: Default"),
                    container("procMount: Unmasked")),
            new Case(
                    "runtimeClass",
                    "allowed-runtime-classes",
                    "runtimeClass: {allowedRuntimeClassNames: [gvisor]}",
                    "runtimeClassName: gvisor\ncontainers: [{name: a}]",
                    "runtimeClassName: kata\ncontainers: [{name: a}]"));

    @TestFactory
    Stream<DynamicTest> everyFieldAdmitsOnePodAndRefusesAnother() {
        return CASES.stream()
                .map(one -> DynamicTest.dynamicTest(one.field(), () -> {
                    OwnPolicies policies = policies(psp("p", one.spec()));
                    assertThat(violations(policies, one.admitted()))
                            .as(one.admitted())
                            .isEmpty();
                    assertThat(violations(policies, one.refused()))
                            .as(one.refused())
                            .extracting(PolicyViolation::check)
                            .containsExactly(one.check());
                }));
    }

    @TestFactory
    Stream<DynamicTest> annotationsAllowProfiles() {
        String appArmor = "apparmor.security.beta.kubernetes.io/allowedProfileNames: 'runtime/default,localhost/mine'";
        String seccomp = "seccomp.security.alpha.kubernetes.io/allowedProfileNames: 'docker/default'";
        return Stream.of(
                        new Case(
                                "AppArmor",
                                "app-armor-profile",
                                appArmor,
                                container("appArmorProfile: {type: Localhost, localhostProfile: mine}"),
                                container("appArmorProfile: {type: Unconfined}")),
                        new Case(
                                "AppArmor unset",
                                "app-armor-profile",
                                appArmor,
                                container("appArmorProfile: {type: RuntimeDefault}"),
                                container("")),
                        new Case(
                                "seccomp by the name of old",
                                "seccomp-profile-baseline",
                                seccomp,
                                container("seccompProfile: {type: RuntimeDefault}"),
                                container("seccompProfile: {type: Unconfined}")),
                        new Case(
                                "seccomp of the pod",
                                "seccomp-profile-baseline",
                                seccomp,
                                pod("seccompProfile: {type: RuntimeDefault}", ""),
                                container("")),
                        new Case(
                                "seccomp without a list",
                                "seccomp-profile-baseline",
                                "a: b",
                                container(""),
                                container("seccompProfile: {type: RuntimeDefault}")))
                .map(one -> DynamicTest.dynamicTest(one.field(), () -> {
                    OwnPolicies policies =
                            policies(psp("p", "").replace("name: p", "name: p\n  annotations:\n    " + one.spec()));
                    assertThat(violations(policies, one.admitted()))
                            .as(one.admitted())
                            .isEmpty();
                    assertThat(violations(policies, one.refused()))
                            .as(one.refused())
                            .extracting(PolicyViolation::check)
                            .containsExactly(one.check());
                }));
    }

    @Test
    void whatAdmissionWouldHaveWrittenIsWhatIsExpected() throws Exception {
        OwnPolicies policies = policies(psp("p", """
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
        OwnPolicies policies = policies(psp("p", "runAsUser: {rule: MustRunAsNonRoot}"));

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
        OwnPolicies policies = policies(psp("p", "volumes: [secret]"));
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
        OwnPolicies policies = policies(psp("strict", "privileged: false"), """
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
        OwnPolicies policies = policies("""
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
        assertThatThrownBy(() -> policies("""
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

    private static String psp(String name, String spec) {
        StringBuilder merged = new StringBuilder();
        for (String line : OPEN.lines().toList()) {
            String field = line.substring(0, line.indexOf(':') + 1);
            if (spec.lines().noneMatch(own -> own.startsWith(field))) {
                merged.append("  ").append(line).append('\n');
            }
        }
        spec.lines().forEach(line -> merged.append("  ").append(line).append('\n'));
        return "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata:\n  name: " + name + "\nspec:\n" + merged;
    }

    private OwnPolicies policies(String... documents) throws IOException, ManifestException {
        List<Path> files = new ArrayList<>();
        for (String document : documents) {
            Path file = Files.createTempFile(directory, "policy", ".yaml");
            Files.writeString(file, document);
            files.add(file);
        }
        PolicySet set = PolicyFiles.read(files);
        return new OwnPolicies(new PodSecurityStandards(PolicyChecks.all()), set);
    }

    private static DeclaredPod manifest(String spec) {
        return Cases.pod("metadata: {name: web, namespace: shop}\nspec:\n" + spec.indent(2));
    }

    private static List<PolicyViolation> violations(OwnPolicies policies, String spec) {
        return policies.judge(manifest(spec), Map.of()).stream()
                .flatMap(word -> word.violations().stream())
                .toList();
    }
}
