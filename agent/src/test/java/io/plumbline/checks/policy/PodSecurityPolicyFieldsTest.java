package io.plumbline.checks.policy;

import static io.plumbline.checks.policy.FormerPolicies.container;
import static io.plumbline.checks.policy.FormerPolicies.pod;
import static io.plumbline.checks.policy.FormerPolicies.policies;
import static io.plumbline.checks.policy.FormerPolicies.psp;
import static io.plumbline.checks.policy.FormerPolicies.violations;
import static io.plumbline.checks.policy.FormerPolicies.volume;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.PolicyViolation;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every field of a PodSecurityPolicy, with a pod that it admits and one that it refuses. */
class PodSecurityPolicyFieldsTest {
    @TempDir
    private Path directory;

    private record Case(String field, String check, String spec, String admitted, String refused) {}

    private static final String HOST = "volumes: [{name: v, hostPath: {path: %s}}]\n"
            + "containers: [{name: a, volumeMounts: [{name: v, mountPath: /v, readOnly: %s}]}]";

    private static Case hostPaths(String field, String allowed, String admitted, String refused) {
        return new Case(field, "allowed-host-paths", "allowedHostPaths: " + allowed, admitted, refused);
    }

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
            hostPaths(
                    "allowedHostPaths",
                    "[{pathPrefix: /foo}]",
                    HOST.formatted("/foo/bar", "false"),
                    HOST.formatted("/food", "false")),
            hostPaths(
                    "allowedHostPaths, no way out of them",
                    "[{pathPrefix: /foo}]",
                    HOST.formatted("/foo/", "false"),
                    HOST.formatted("/foo/../etc", "false")),
            hostPaths(
                    "allowedHostPaths.readOnly",
                    "[{pathPrefix: /foo, readOnly: true}]",
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
                    OwnPolicies policies = policies(directory, psp("p", one.spec()));
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
                    OwnPolicies policies = policies(
                            directory, psp("p", "").replace("name: p", "name: p\n  annotations:\n    " + one.spec()));
                    assertThat(violations(policies, one.admitted()))
                            .as(one.admitted())
                            .isEmpty();
                    assertThat(violations(policies, one.refused()))
                            .as(one.refused())
                            .extracting(PolicyViolation::check)
                            .containsExactly(one.check());
                }));
    }
}
