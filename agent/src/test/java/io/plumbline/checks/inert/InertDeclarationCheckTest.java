package io.plumbline.checks.inert;

import static io.plumbline.checks.inert.InertPods.causes;
import static io.plumbline.checks.inert.InertPods.pod;
import static io.plumbline.checks.inert.InertPods.privileged;
import static io.plumbline.checks.inert.InertPods.process;
import static io.plumbline.checks.inert.InertPods.security;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.checks.NodeWideCheck.Judged;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each row of what has no effect, beside its nearest neighbour that has one; those of AppArmor apart. */
class InertDeclarationCheckTest {

    private static final CapabilitySet NET_ADMIN = CapabilitySet.of(Capability.NET_ADMIN);

    @Test
    void findingNamesContainerFieldReasonAndWayOut() {
        Finding finding = Nodes.node()
                .pods(security("privileged: true, seccompProfile: {type: RuntimeDefault}"))
                .with(privileged())
                .finding("inert-declaration");

        assertThat(finding.kind()).isEqualTo(FindingKind.INERT);
        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.cause().word()).isEqualTo("privileged-seccomp");
        assertThat(finding.message())
                .isEqualTo("shop/web (container main): privileged: true, seccompProfile: RuntimeDefault has no effect:"
                        + " containerd gives a privileged container no seccomp profile");
        assertThat(finding.remedy()).startsWith("Take privileged away");
        assertThat(finding.evidence()).anyMatch(line -> line.line().equals("Seccomp:\t0"));
    }

    @Test
    void seccompProfileOfPrivilegedContainerIsInertUnlessTheRuntimeWasToldOne() {
        String pod = security("privileged: true, seccompProfile: {type: RuntimeDefault}");

        assertThat(causes(Nodes.node().pods(pod).with(privileged()))).containsExactly("privileged-seccomp");
        // CRI-O's privileged_seccomp_profile
        assertThat(causes(Nodes.node()
                        .pods(pod)
                        .bundles(Bundles.of("web", "main").bundle())
                        .with(privileged().seccomp(2))))
                .isEmpty();
        assertThat(causes(Nodes.node()
                        .pods(security("privileged: true, seccompProfile: {type: Unconfined}"))
                        .with(privileged())))
                .isEmpty();
    }

    @Test
    void profileOfThePodIsInertInItsPrivilegedContainer() {
        assertThat(causes(Nodes.node()
                        .pods(pod(
                                "securityContext: {seccompProfile: {type: Localhost, localhostProfile: x.json}}",
                                "securityContext: {privileged: true}"))
                        .with(privileged())))
                .containsExactly("privileged-seccomp");
    }

    @Test
    void droppedCapabilitiesOfPrivilegedContainerAreInertWhereTheyAreHeld() {
        String pod = security("privileged: true, capabilities: {drop: [ALL]}");

        assertThat(causes(Nodes.node().pods(pod).with(privileged()))).containsExactly("privileged-capabilities-drop");
        assertThat(causes(Nodes.node().pods(pod).with(process().capabilities(CapabilitySet.NONE))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "allowPrivilegeEscalation: false, privileged: true",
                "allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}",
                "allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}",
                "allowPrivilegeEscalation: false, capabilities: {add: [ALL]}"
            })
    void noPrivilegeEscalationMeansNothingToWhoHasAll(String fields) {
        assertThat(causes(Nodes.node().pods(security(fields)).with(privileged().noNewPrivileges())))
                .contains("escalation-pointless");
    }

    @Test
    void noPrivilegeEscalationMeansSomethingToOthers() {
        assertThat(causes(Nodes.node()
                        .pods(security("allowPrivilegeEscalation: false, capabilities: {add: [NET_ADMIN]}"))
                        .with(process().noNewPrivileges().capabilities(NET_ADMIN))))
                .isEmpty();
    }

    @Test
    void capabilityForAnotherUserThanRootIsInertUnlessSomeProcessHoldsIt() {
        String pod = security("runAsUser: 1000, capabilities: {add: [NET_ADMIN], drop: [ALL]}");
        Processes without = process().uid(1000).capabilities(CapabilitySet.NONE).bounding(NET_ADMIN);

        Finding finding = Nodes.node().pods(pod).with(without).finding("inert-declaration");
        assertThat(finding.cause().word()).isEqualTo("capability-not-held");
        assertThat(finding.message()).contains("the exec of user 1000 clears NET_ADMIN");
        // A program with file capabilities.
        assertThat(causes(Nodes.node().pods(pod).with(process().uid(1000).capabilities(NET_ADMIN))))
                .isEmpty();
        assertThat(causes(Nodes.node()
                        .pods(pod)
                        .with(
                                without,
                                Processes.of(101, "web", "main")
                                        .parent(100)
                                        .uid(1000)
                                        .capabilities(NET_ADMIN))))
                .isEmpty();
    }

    @Test
    void capabilityOfContainerThatStartsAsRootAndLowersItselfIsNotInert() {
        assertThat(causes(Nodes.node()
                        .pods(security("capabilities: {add: [NET_ADMIN]}"))
                        .bundles(Bundles.of("web", "main").user(0, 0).bundle())
                        .with(process().uid(101).capabilities(CapabilitySet.NONE))))
                .isEmpty();
    }

    /** containerd makes CAP_CAP_NET_RAW of it. */
    @Test
    void nameWithPrefixIsOfNoCapabilityThatContainerdKnows() {
        CapabilitySet defaults = CapabilitySet.of(Capability.NET_RAW, Capability.CHOWN);
        String pod = security("capabilities: {drop: [CAP_NET_RAW, cap_sys_time, CHOWN], add: [CAP_NET_ADMIN]}");
        Finding finding = Nodes.node()
                .pods(pod)
                .bundles(Bundles.of("web", "main")
                        .capabilities(CapabilitySet.of(Capability.NET_RAW))
                        .bundle())
                .with(process().capabilities(defaults))
                .finding("inert-declaration");
        assertThat(finding.cause().word()).isEqualTo("capability-prefix");
        assertThat(finding.message())
                .contains("capabilities.drop: CAP_NET_RAW; capabilities.add: CAP_NET_ADMIN has no effect");
        assertThat(finding.evidence()).anyMatch(line -> line.line().equals("capabilities.bounding: NET_RAW"));

        Finding byKernel = Nodes.node()
                .pods(security("capabilities: {drop: [CAP_ALL]}"))
                .with(process().capabilities(defaults))
                .finding("inert-declaration");
        assertThat(byKernel.message()).contains("capabilities.drop: CAP_ALL has no effect");
        assertThat(byKernel.evidence()).anyMatch(line -> line.line().startsWith("CapBnd:\t"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "capabilities: {drop: [NET_RAW]}",
                "capabilities: {drop: [CAP_SYS_TIME]}",
                "capabilities: {add: [CAP_NET_RAW]}",
                "capabilities: {drop: [CAP_ALL], add: [NET_RAW, CHOWN]}",
                "capabilities: {drop: [CAP_NET_RAW], add: [NET_RAW]}"
            })
    void namesOfWhatIsAsTheSpecSaysAreInNobodysWay(String fields) {
        CapabilitySet both = CapabilitySet.of(Capability.NET_RAW, Capability.CHOWN);
        assertThat(causes(Nodes.node()
                        .pods(security(fields))
                        .bundles(Bundles.of("web", "main").capabilities(both).bundle())
                        .with(process().capabilities(both))))
                .isEmpty();
    }

    @Test
    void imagesUserCountsAsTheRuntimeWasTold() {
        assertThat(causes(Nodes.node()
                        .pods(security("capabilities: {add: [NET_ADMIN]}"))
                        .bundles(Bundles.of("web", "main").user(101, 101).bundle())
                        .with(process().uid(101).capabilities(CapabilitySet.NONE))))
                .containsExactly("capability-not-held");
    }

    @Test
    void nothingIsSaidOfCapabilitiesThatCouldNotBeRead() {
        assertThat(causes(Nodes.node()
                        .pods(security("runAsUser: 1000, capabilities: {add: [NET_ADMIN]}"))
                        .with(process().credentialsUnreadable("EACCES"))))
                .isEmpty();
    }

    @Test
    void readOnlyRootBesideTheHostsWritableRootIsInert() {
        String pod = pod(
                        "volumes: [{name: host, hostPath: {path: %s}}]",
                        "{securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [{name: host, mountPath: /host%s}]}")
                .replace("{securityContext", "securityContext")
                .replace("true}, volumeMounts", "true}\n    volumeMounts")
                .replace("%s}]}", "%s}]");

        assertThat(causes(Nodes.node().pods(pod.formatted("/etc/..", "")).with(process())))
                .containsExactly("host-root-writable");
        assertThat(causes(Nodes.node()
                        .pods(pod.formatted("/", ", readOnly: true"))
                        .with(process())))
                .isEmpty();
        assertThat(causes(Nodes.node().pods(pod.formatted("/srv", "")).with(process())))
                .isEmpty();
    }

    @Test
    void fsGroupOnVolumeThatIgnoresItIsInert() {
        String pod = """
                metadata: {name: web}
                spec:
                  securityContext: {fsGroup: 555}
                  volumes: [{name: data, %s}]
                  containers:
                  - name: main
                    volumeMounts: [{name: data, mountPath: /data}]
                """;

        Finding finding = Nodes.node()
                .pods(pod.formatted("hostPath: {path: /srv}"))
                .with(process().groups(555))
                .finding("inert-declaration");
        assertThat(finding.cause().word()).isEqualTo("fs-group-ignored");
        assertThat(finding.declared()).isEqualTo("fsGroup: 555, volume data (hostPath)");
        for (String heeding :
                List.of("emptyDir: {}", "configMap: {name: c}", "persistentVolumeClaim: {claimName: c}")) {
            assertThat(causes(Nodes.node()
                            .pods(pod.formatted(heeding))
                            .with(process().groups(555))))
                    .isEmpty();
        }
    }

    @Test
    void nonRootContainerWhoseUserIsRootNeverStarts() {
        String waiting =
                "status: {containerStatuses: [{name: main, state: {waiting: {reason: CreateContainerConfigError}}}]}\n"
                        + security("runAsNonRoot: true%s");

        Finding named = Nodes.node().pods(waiting.formatted(", runAsUser: 0")).finding("inert-declaration");
        assertThat(named.cause().word()).isEqualTo("never-starts");
        assertThat(named.container().words()).isEqualTo("shop/web (container main)");
        assertThat(named.evidence()).anyMatch(line -> line.line().equals("CreateContainerConfigError"));
        // Whatever else the kubelet lacks to start it, a config map for example.
        assertThat(causes(Nodes.node().pods(waiting.formatted("")))).isEmpty();
        assertThat(causes(Nodes.node().pods(waiting.formatted(", runAsUser: 1000"))))
                .isEmpty();
        assertThat(causes(Nodes.node()
                        .pods(security("runAsNonRoot: true"))
                        .with(process().uid(1000).capabilities(CapabilitySet.NONE))))
                .isEmpty();
    }

    @Test
    void podThatIsOverHasNoEffectToMiss() {
        String declared = security("runAsNonRoot: true, runAsUser: 0");

        assertThat(causes(Nodes.node().pods("status: {phase: Pending}\n" + declared)))
                .containsExactly("never-starts");
        assertThat(causes(Nodes.node().pods("status: {phase: Failed, reason: SysctlForbidden}\n" + declared)))
                .isEmpty();
        assertThat(causes(Nodes.node().pods("status: {phase: Succeeded}\n" + declared)))
                .isEmpty();
    }

    @Test
    void severalReasonsAreOneFindingThatNamesAll() {
        Finding finding = Nodes.node()
                .pods(security("privileged: true, allowPrivilegeEscalation: false, capabilities: {drop: [NET_RAW]},"
                        + " seccompProfile: {type: RuntimeDefault}"))
                .with(privileged())
                .finding("inert-declaration");

        assertThat(finding.cause().word()).isEqualTo("privileged-seccomp");
        assertThat(finding.effective())
                .containsExactly("privileged-seccomp", "privileged-capabilities-drop", "escalation-pointless");
    }

    @Test
    void plainContainersHaveNothingInert() {
        assertThat(causes(Nodes.node()
                        .pods(security("allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsUser: 1000,"
                                + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}"))
                        .with(process()
                                .uid(1000)
                                .capabilities(CapabilitySet.NONE)
                                .noNewPrivileges())))
                .isEmpty();
    }

    @Test
    void whatWasSaidHalfWayIsNotSaidAgain() {
        Nodes node = Nodes.node().pods(security("appArmorProfile: {type: RuntimeDefault}"));
        DeclaredPod pod = node.answer().orElseThrow().pods().get(0);
        DeclaredPod broken = pod.withOnly(pod.containers().get(0).withSecurity(null));
        InertDeclarationCheck check = new InertDeclarationCheck();
        assertThat(check.judge(withPods(node, pod))).isEmpty();

        node.appArmor(Reading.of(false));
        assertThatThrownBy(() -> check.judge(withPods(node, pod, broken))).isInstanceOf(NullPointerException.class);
        assertThat(new InertDeclarationCheck().judge(withPods(node, pod))).hasSize(1);

        node.appArmor(Reading.of(true));
        assertThat(check.judge(withPods(node, pod))).isEmpty();
    }

    /** None of which runs. */
    private static NodeView withPods(Nodes node, DeclaredPod... pods) {
        return new NodeView(
                node.snapshot().facts(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                Optional.of(new DeclaredNode(
                        "kubelet", Optional.empty(), List.of(pods), new Reading.Absent<>("configz"), List.of())));
    }

    @Test
    void whatIsAsItWasIsNotJudgedAgainAndAllElseIs() {
        String pod = security("privileged: true, capabilities: {drop: [ALL]}");
        Nodes on = Nodes.node().pods(pod).appArmor(Reading.of(true)).with(privileged());
        NodeView before = on.report().node();
        NodeView other = on.with(privileged().capabilities(NET_ADMIN)).report().node();
        NodeView off = Nodes.node()
                .pods(security("appArmorProfile: {type: RuntimeDefault}"))
                .appArmor(Reading.of(false))
                .with(process())
                .report()
                .node();
        InertDeclarationCheck check = new InertDeclarationCheck();

        List<Judged> first = check.judge(before);
        assertThat(first).hasSize(1);
        assertThat(check.judge(before).get(0).verdict()).isSameAs(first.get(0).verdict());
        for (NodeView node : List.of(other, off, before)) {
            assertThat(check.judge(node)).isEqualTo(new InertDeclarationCheck().judge(node));
        }
        assertThat(check.judge(off).get(0).verdict().effective()).containsExactly("apparmor-off");
    }
}
