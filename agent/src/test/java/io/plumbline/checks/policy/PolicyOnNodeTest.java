package io.plumbline.checks.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.PolicySet;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What policies say of what runs: the kernel decides where it can be read. */
class PolicyOnNodeTest {

    private static final String SILENT = "metadata: {name: web}";

    private static final String HARDENED = """
            metadata: {name: web}
            spec:
              containers:
              - name: main
                securityContext:
                  runAsNonRoot: true
                  allowPrivilegeEscalation: false
                  readOnlyRootFilesystem: true
                  capabilities: {drop: [ALL]}
                  seccompProfile: {type: RuntimeDefault}
            """;

    private static final Mounts READ_ONLY =
            Mounts.of("391 352 0:168 / / ro,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w");

    @TempDir
    private Path directory;

    private static Processes process() {
        return Processes.of(100, "web", "main");
    }

    private static Processes hardened() {
        return process()
                .uid(1000)
                .capabilities(CapabilitySet.NONE)
                .noNewPrivileges()
                .seccomp(2)
                .mounts(READ_ONLY);
    }

    private static String pod(String security) {
        return "metadata: {name: web}\nspec: {containers: [{name: main, securityContext: {" + security + "}}]}";
    }

    private static List<Finding> findings(Nodes node) {
        return node.findings().stream()
                .filter(finding -> finding.kind() == FindingKind.POLICY)
                .toList();
    }

    private static Set<String> checks(Nodes node) {
        return findings(node).stream().map(Finding::check).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Finding finding(Nodes node, String check) {
        return findings(node).stream()
                .filter(finding -> finding.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    private PolicySet policy(String text) throws IOException, ManifestException {
        return PolicyFiles.read(List.of(Files.writeString(directory.resolve("policy.yaml"), text)));
    }

    private PolicySet psp(String spec) throws IOException, ManifestException {
        return policy("apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: house}\nspec:\n"
                + "  privileged: true\n  volumes: ['*']\n" + spec.indent(2));
    }

    @Test
    void imageThatRunsAsRootUnderASilentManifestIsFound() {
        Finding root = finding(Nodes.node().pods(SILENT).with(process()), "run-as-non-root");

        assertThat(root.severity()).isEqualTo(Severity.LOW);
        assertThat(root.policy()).contains("plumbline-default");
        assertThat(root.message()).startsWith("shop/web (container main): 1 process has uid 0; ");
        assertThat(root.processes())
                .singleElement()
                .satisfies(one -> assertThat(one.pid()).isEqualTo(100));
        assertThat(root.evidence()).anyMatch(line -> line.line().equals("Uid:\t0\t0\t0\t0"));
    }

    @Test
    void imageThatRunsAsAnotherUserHoldsWithoutDeclaringIt() {
        Finding held = finding(Nodes.node().pods(SILENT).with(process().uid(1000)), "run-as-non-root");

        assertThat(held.severity()).isEqualTo(Severity.LOW);
        assertThat(held.message())
                .contains("runAsNonRoot is not set", "It holds all the same (uid 1000), not declared.");
        assertThat(held.processes()).isEmpty();
    }

    @Test
    void annotationThatNamesAContainerIsOfNoOther() {
        Nodes node = Nodes.node()
                .pods(
                        "metadata: {name: web, annotations: {container.apparmor.security.beta.kubernetes.io/main: unconfined}}\n"
                                + "spec: {containers: [{name: main}, {name: other}]}")
                .with(process(), Processes.of(101, "web", "other"));

        assertThat(findings(node))
                .filteredOn(finding -> finding.check().equals("app-armor-profile"))
                .extracting(finding -> finding.container().words())
                .containsExactly("shop/web (container main)");
    }

    @Test
    void restrictedPodHasNothingAgainstIt() {
        assertThat(checks(Nodes.node().pods(HARDENED).with(hardened()))).isEmpty();
    }

    @Test
    void rootUserInHardenedContainerIsSeenWhateverIsDeclared() {
        Nodes node = Nodes.node()
                .pods(HARDENED)
                .with(
                        hardened(),
                        Processes.of(101, "web", "main")
                                .parent(100)
                                .noNewPrivileges()
                                .seccomp(2)
                                .capabilities(CapabilitySet.NONE)
                                .mounts(READ_ONLY));

        assertThat(finding(node, "run-as-non-root").message())
                .endsWith("1 process has uid 0, and nothing of that is declared");
    }

    @ParameterizedTest
    @CsvSource({
        "hostPID: true, PID, host-namespaces, medium",
        "hostIPC: true, IPC, host-namespaces, medium",
        "hostNetwork: true, NET, host-namespaces, medium"
    })
    void sharedHostNamespaceIsFoundOutOfTheBox(String field, NamespaceType type, String check, String severity) {
        Finding found = finding(
                Nodes.node()
                        .pods(SILENT + "\nspec: {" + field + "}")
                        .with(process().host(type)),
                check);

        assertThat(found.severity().word()).isEqualTo(severity);
        assertThat(found.message()).contains("the host's " + type.link() + " namespace");
    }

    @Test
    void threadAloneInAHostNamespaceIsFoundToo() {
        Processes process =
                process().threadIn(107, NamespaceType.NET, Reading.of(Nodes.hostNamespace(NamespaceType.NET)));

        Finding found = finding(Nodes.node().pods(SILENT).with(process), "host-namespaces");

        assertThat(found.evidence()).anyMatch(line -> line.source().endsWith("/task/107/ns/net"));
    }

    @Test
    void capabilitiesBeyondTheUsualAreFoundByTheKernelAlone() {
        CapabilitySet time = Processes.DEFAULT_CAPABILITIES.union(CapabilitySet.named(List.of("SYS_TIME")));

        Finding declared = finding(
                Nodes.node()
                        .pods(pod("capabilities: {add: [SYS_TIME]}"))
                        .with(process().capabilities(time)),
                "capabilities-baseline");
        Finding undeclared =
                finding(Nodes.node().pods(SILENT).with(process().capabilities(time)), "capabilities-baseline");

        assertThat(declared.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(declared.message()).contains("1 process has SYS_TIME");
        assertThat(undeclared.message()).contains("1 process has SYS_TIME, and nothing of that is declared");
        assertThat(checks(Nodes.node().pods(SILENT).with(process()))).doesNotContain("capabilities-baseline");
    }

    @Test
    void writableRootIsFoundOutOfTheBoxAndReadOnlyOneOfTheRuntimeHolds() {
        assertThat(finding(Nodes.node().pods(SILENT).with(process()), "read-only-root-filesystem")
                        .message())
                .contains("1 process has root writable");
        assertThat(finding(Nodes.node().pods(SILENT).with(process().mounts(READ_ONLY)), "read-only-root-filesystem")
                        .message())
                .contains("It holds all the same (root read-only), not declared.");
    }

    @Test
    void oneFindingForEachContainerAndCheck() {
        List<Finding> findings = findings(Nodes.node()
                .pods(pod("privileged: true"))
                .with(process().capabilities(Processes.ALL_CAPABILITIES).seccomp(0)));

        assertThat(findings).extracting(Finding::id).doesNotHaveDuplicates();
        assertThat(findings).extracting(Finding::check).doesNotHaveDuplicates().contains("privileged");
    }

    @Test
    void labelsOfTheNamespaceSelectLevelAndVersion() {
        Nodes node = Nodes.node()
                .pods(SILENT + "\nspec: {hostPID: true}")
                .with(process().host(NamespaceType.PID))
                .namespaceLabels(Map.of(
                        "pod-security.kubernetes.io/enforce", "baseline",
                        "pod-security.kubernetes.io/enforce-version", "v1.29"));

        assertThat(checks(node)).containsExactly("host-namespaces");
        assertThat(finding(node, "host-namespaces").policy()).contains("namespace label enforce: baseline v1.29");
    }

    @Test
    void auditAndWarnCountToo() {
        Nodes node = Nodes.node()
                .pods(SILENT)
                .with(process())
                .namespaceLabels(Map.of(
                        "pod-security.kubernetes.io/enforce", "privileged",
                        "pod-security.kubernetes.io/warn", "restricted",
                        "pod-security.kubernetes.io/audit", "restricted",
                        "pod-security.kubernetes.io/audit-version", "v1.24"));

        assertThat(finding(node, "run-as-non-root").policy().orElseThrow())
                .isEqualTo("namespace label audit: restricted v1.24, namespace label warn: restricted v1.37");
    }

    /** As {@code PolicyToEvaluate} of pod-security-admission: closed to enforce, open to audit and warn. */
    @Test
    void levelThatNobodyKnowsIsEnforcedAsRestrictedAndNotWarnedOf() {
        for (String mode : List.of("audit", "warn")) {
            assertThat(checks(Nodes.node()
                            .pods(SILENT)
                            .with(process())
                            .namespaceLabels(Map.of("pod-security.kubernetes.io/" + mode, "restriced"))))
                    .isEmpty();
        }
        assertThat(checks(Nodes.node()
                        .pods(SILENT)
                        .with(process())
                        .namespaceLabels(Map.of("pod-security.kubernetes.io/enforce", "restriced"))))
                .contains("run-as-non-root");
    }

    /** An API server of 1.33 lets in a probe of another host, of which v1.34 is the first to speak. */
    @Test
    void latestIsTheClustersOwnVersion() {
        String pod = SILENT
                + "\nspec: {containers: [{name: main, livenessProbe: {tcpSocket: {host: 127.0.0.1, port: 80}}}]}";

        assertThat(checks(baseline(pod, "v1.33.4+k3s1"))).isEmpty();
        assertThat(checks(baseline(pod, "v1.34.0"))).containsExactly("host-probes-and-host-lifecycle");
        assertThat(checks(baseline(pod, "v1.99.0"))).containsExactly("host-probes-and-host-lifecycle");
        assertThat(checks(baseline(pod, ""))).containsExactly("host-probes-and-host-lifecycle");
    }

    private static Nodes baseline(String pod, String kubelet) {
        return Nodes.node()
                .pods(pod)
                .with(process())
                .cluster(new ClusterFacts(
                        Reading.of(Map.of("shop", Map.of("pod-security.kubernetes.io/enforce", "baseline"))),
                        ClusterFacts.NOT_ASKED.networkPolicies(),
                        Reading.of(new ClusterFacts.Versions(kubelet, "containerd://2.1.4"))));
    }

    @Test
    void namespaceThatAsksNothingIsAskedNothingAndOneWithoutLabelsTheBuiltIn() {
        assertThat(checks(Nodes.node()
                        .pods(SILENT)
                        .with(process())
                        .namespaceLabels(Map.of("pod-security.kubernetes.io/enforce", "privileged"))))
                .isEmpty();
        assertThat(checks(Nodes.node().pods(SILENT).with(process()).namespaceLabels(Map.of("team", "a"))))
                .contains("run-as-non-root");
    }

    @Test
    void sysctlOfALaterVersionIsJudgedByTheLabelsVersion() {
        String pod = SILENT + "\nspec: {securityContext: {sysctls: [{name: net.ipv4.tcp_fin_timeout, value: '1'}]}}";
        Map<String, String> v128 = Map.of(
                "pod-security.kubernetes.io/enforce", "baseline",
                "pod-security.kubernetes.io/enforce-version", "v1.28");

        assertThat(checks(Nodes.node().pods(pod).with(process()).namespaceLabels(v128)))
                .containsExactly("sysctls");
        assertThat(checks(Nodes.node()
                        .pods(pod)
                        .with(process())
                        .namespaceLabels(Map.of("pod-security.kubernetes.io/enforce", "baseline"))))
                .isEmpty();
    }

    @Test
    void imagesRootBreaksMustRunAsNonRootThoughItsManifestIsSilent() throws Exception {
        Nodes node = Nodes.node().pods(SILENT).with(process()).policy(psp("runAsUser: {rule: MustRunAsNonRoot}"));

        assertThat(checks(node)).containsExactly("run-as-non-root");
        assertThat(finding(node, "run-as-non-root").policy()).contains("PodSecurityPolicy house");
        assertThat(node.finding("root-user").severity()).isEqualTo(Severity.HIGH);
        assertThat(node.finding("root-user").declared()).isEqualTo("MustRunAsNonRoot of PodSecurityPolicy house");
    }

    @Test
    void podOlderThanThePolicyIsJudgedByWhatRuns() throws Exception {
        PolicySet policy = psp("""
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                requiredDropCapabilities: [NET_RAW]
                runAsUser: {rule: MustRunAs, ranges: [{min: 405, max: 405}]}
                runAsGroup: {rule: MustRunAs, ranges: [{min: 405, max: 405}]}
                supplementalGroups: {rule: MustRunAs, ranges: [{min: 10, max: 20}]}
                """);

        assertThat(checks(Nodes.node().pods(SILENT).with(process().groups(7)).policy(policy)))
                .containsExactly(
                        "allow-privilege-escalation",
                        "capabilities-restricted",
                        "read-only-root-filesystem",
                        "run-as-group",
                        "run-as-user",
                        "supplemental-groups");
        assertThat(checks(Nodes.node()
                        .pods(SILENT)
                        .with(hardened().uid(405).gid(405).groups(15))
                        .policy(policy)))
                .isEmpty();
    }

    @Test
    void hostNamespacesThatThePolicyAllowsAreFine() throws Exception {
        String pod = SILENT + "\nspec: {hostPID: true, hostNetwork: true}";
        Processes both = process().host(NamespaceType.PID, NamespaceType.NET);

        assertThat(checks(Nodes.node()
                        .pods(pod)
                        .with(both)
                        .policy(psp("hostPID: true\nhostNetwork: true\nhostPorts: [{min: 0, max: 65535}]"))))
                .isEmpty();
        assertThat(checks(Nodes.node().pods(pod).with(both).policy(psp("hostPID: true"))))
                .containsExactly("host-namespaces");
    }

    @Test
    void whatCannotBeReadIsUndeterminedAndNotFine() {
        Nodes node = Nodes.node().pods(HARDENED).with(hardened().credentialsUnreadable("EACCES"));

        assertThat(checks(node)).isEmpty();
        Optional<Verdict> verdict = node.report().containers().stream()
                .flatMap(container -> container.beside().stream())
                .filter(one -> one.check().equals("run-as-non-root"))
                .findFirst();
        assertThat(verdict.orElseThrow().outcome()).isEqualTo(Verdict.Outcome.UNDETERMINED);
    }

    @Test
    void whatThisKernelDoesNotPrintIsUndetermined() {
        Nodes node = Nodes.node().pods(HARDENED).with(hardened().withoutNewFields());

        assertThat(checks(node)).isEmpty();
        assertThat(undetermined(node)).contains("allow-privilege-escalation", "seccomp-profile-restricted");
    }

    @Test
    void capabilitiesAreUndeterminedWhereTheUserNamespaceIsUnknown() {
        Nodes node = Nodes.node()
                .pods(SILENT + "\nspec: {containers: [{name: main}]}")
                .with(process()
                        .bounding(CapabilitySet.of(Capability.SYS_ADMIN))
                        .namespace(NamespaceType.USER, new Reading.Unreadable<>("/proc/100/ns/user", "EACCES")));

        assertThat(checks(node)).doesNotContain("capabilities-baseline");
        assertThat(undetermined(node)).contains("capabilities-baseline");
    }

    @Test
    void evidenceIsTheSetThatHasTheCapability() {
        Nodes node = Nodes.node()
                .pods(SILENT + "\nspec: {containers: [{name: main}]}")
                .with(process()
                        .bounding(CapabilitySet.NONE)
                        .permitted(CapabilitySet.of(Capability.SYS_ADMIN))
                        .ambient(CapabilitySet.NONE));

        assertThat(finding(node, "capabilities-baseline").evidence().get(0).line())
                .isEqualTo("CapPrm:\t" + CapabilitySet.of(Capability.SYS_ADMIN));
    }

    private static Set<String> undetermined(Nodes node) {
        return node.report().containers().stream()
                .flatMap(container -> container.beside().stream())
                .filter(one -> one.outcome() == Verdict.Outcome.UNDETERMINED)
                .map(Verdict::check)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void ownFilesStandInThePlaceOfTheBuiltInPolicy() throws Exception {
        PolicySet house = policy("""
                apiVersion: plumbline.io/v1
                kind: PodPolicy
                metadata: {name: house}
                spec: {level: privileged, checks: [default-namespace, service-account-token]}
                """);

        assertThat(checks(Nodes.node().pods(SILENT).with(process()).policy(house)))
                .isEmpty();
        assertThat(checks(Nodes.node()
                        .pods(
                                "metadata: {name: web, namespace: default}\nspec: {volumes: [{name: t, projected: {sources:"
                                        + " [{serviceAccountToken: {path: token}}]}}]}")
                        .with(process())
                        .policy(house)))
                .containsExactly("default-namespace", "service-account-token");
    }
}
