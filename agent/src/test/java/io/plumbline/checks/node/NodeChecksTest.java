package io.plumbline.checks.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ClusterFacts.NetworkPolicy;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.NodeConfiguration.CniNetwork;
import io.plumbline.model.NodeLoad;
import io.plumbline.model.NodeLoad.CgroupUse;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The node's own settings, from live command lines and files. */
class NodeChecksTest {

    /** As the captured node of Kubernetes 1.32 started it. */
    private static final String[] API_SERVER = {
        "/usr/bin/kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        "--anonymous-auth=false",
        "--authorization-mode=Node,RBAC",
        "--encryption-provider-config=/etc/kubernetes/enc.yaml",
        "--enable-admission-plugins=NodeRestriction"
    };

    private static Processes kubelet(String... arguments) {
        return Processes.ofHost(50).program("/usr/bin/kubelet").arguments(arguments);
    }

    private static Nodes server(String... more) {
        String[] all = Arrays.copyOf(API_SERVER, API_SERVER.length + more.length);
        System.arraycopy(more, 0, all, API_SERVER.length, more.length);
        return Nodes.node()
                .with(Processes.ofHost(60).program("/usr/bin/kube-apiserver").arguments(all));
    }

    private static Set<String> checks(Nodes node) {
        return node.findings().stream()
                .filter(finding -> finding.kind() == FindingKind.NODE)
                .map(Finding::check)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Optional<Verdict.Outcome> outcome(Nodes node, String check) {
        return node.report().ofNode().stream()
                .filter(verdict -> verdict.check().equals(check))
                .map(Verdict::outcome)
                .findFirst();
    }

    @Test
    void flagsDefaultsOfAKubeletLetEverybodyIn() {
        Nodes node = Nodes.node().with(kubelet("/usr/bin/kubelet", "--v=2"));

        assertThat(checks(node))
                .containsExactly("kubelet-anonymous-auth", "kubelet-authorization", "kubelet-read-only-port");
        Finding finding = node.finding("kubelet-anonymous-auth");
        assertThat(finding.message()).isEqualTo("the kubelet runs with anonymous-auth true");
        assertThat(finding.container().words()).isEqualTo("the node");
        assertThat(finding.evidence())
                .anyMatch(line -> line.source().equals("/proc/50/cmdline")
                        && line.line().equals("no --anonymous-auth and no --config"));
    }

    @Test
    void flagsOfAKubeletStandOverItsFile() {
        Nodes node = Nodes.node()
                .configuration(withFile(Reading.of(
                        new KubeletConfiguration(false, "systemd", "", Optional.empty(), false, "Webhook", 0))))
                .with(kubelet("/usr/bin/kubelet", "--config=/k.yaml", "--read-only-port", "10255"));

        assertThat(checks(node)).containsExactly("kubelet-read-only-port");
    }

    @Test
    void fileThatTheCommandLineNamesIsRead() {
        Nodes node = Nodes.node()
                .configuration(withFile(Reading.of(
                        new KubeletConfiguration(false, "systemd", "", Optional.empty(), true, "AlwaysAllow", 0))))
                .with(kubelet("/usr/bin/kubelet", "--config", "/k.yaml"));

        assertThat(checks(node)).containsExactly("kubelet-anonymous-auth", "kubelet-authorization");
    }

    @Test
    void configzIsBelievedBeforeAll() {
        Nodes node = Nodes.node()
                .pods("metadata: {name: web}")
                .configz(Reading.of(
                        new KubeletConfiguration(false, "systemd", "", Optional.empty(), true, "Webhook", 10255)))
                .with(kubelet("/usr/bin/kubelet", "--anonymous-auth=false"));

        assertThat(checks(node)).containsExactly("kubelet-anonymous-auth", "kubelet-read-only-port");
    }

    @Test
    void fileThatCannotBeReadIsUndetermined() {
        Nodes node = Nodes.node()
                .configuration(withFile(new Reading.Unreadable<>("/k.yaml", "EACCES")))
                .with(kubelet("/usr/bin/kubelet", "--config=/k.yaml"));

        assertThat(checks(node)).isEmpty();
        assertThat(outcome(node, "kubelet-authorization")).contains(Verdict.Outcome.UNDETERMINED);
    }

    private static NodeConfiguration withFile(Reading<KubeletConfiguration> file) {
        return new NodeConfiguration(
                NodeConfiguration.NOT_READ.appArmorParser(), NodeConfiguration.NOT_READ.cni(), file);
    }

    @Test
    void programThatOnlyCallsItselfKubeletIsNone() {
        assertThat(checks(Nodes.node().with(kubelet("kubelet").uid(1000)))).isEmpty();
        assertThat(checks(Nodes.node()
                        .pods("metadata: {name: web}")
                        .with(Processes.of(100, "web", "main").program("/usr/bin/kubelet"))))
                .isEmpty();
    }

    @Test
    void kubeletWhoseFileIsGoneIsSaidSo() {
        Nodes node = Nodes.node()
                .pods("metadata: {name: web}")
                .with(kubelet("/usr/bin/kubelet").executable(Reading.of("/usr/bin/kubelet (deleted)")));

        assertThat(checks(node)).containsExactly("kubelet-replaced");
    }

    @Test
    void wellStartedApiServerHasNothingAgainstIt() {
        assertThat(checks(server())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--authorization-mode=RBAC;AlwaysAllow, apiserver-authorization",
        "--authorization-mode=ABAC, apiserver-authorization",
        "--anonymous-auth=true, apiserver-anonymous-auth",
        "--token-auth-file=/t.csv, apiserver-token-file",
        "--basic-auth-file=/t.csv, apiserver-token-file",
        "--disable-admission-plugins=PodSecurity, apiserver-admission",
        "--enable-admission-plugins=AlwaysPullImages, apiserver-admission"
    })
    void eachFlagOfTheApiServerIsSeen(String flag, String check) {
        Nodes node = server(flag.replace(';', ','));

        assertThat(checks(node)).containsExactly(check);
        assertThat(node.finding(check).evidence()).anyMatch(line -> line.line().equals(flag.replace(';', ',')));
    }

    @Test
    void apiServerWithoutFlagsHasTheDefaults() {
        Nodes node = Nodes.node()
                .with(Processes.ofHost(60).program("/usr/bin/kube-apiserver").arguments("kube-apiserver"));

        assertThat(checks(node))
                .containsExactly(
                        "apiserver-admission",
                        "apiserver-anonymous-auth",
                        "apiserver-authorization",
                        "apiserver-encryption");
    }

    @Test
    void apiServerOfTheClustersOwnNamespaceCountsAndAnotherDoesNot() {
        String pod = "metadata: {name: api, namespace: %s}\nspec: {containers: [{name: kube-apiserver}]}";
        Processes inPod = Processes.of(70, "api", "kube-apiserver")
                .program("/usr/local/bin/kube-apiserver")
                .arguments("kube-apiserver", "--token-auth-file=/t");

        assertThat(checks(Nodes.node().pods(pod.formatted("kube-system")).with(inPod)))
                .contains("apiserver-token-file");
        assertThat(checks(Nodes.node().pods(pod.formatted("shop")).with(inPod))).isEmpty();
    }

    @Test
    void nodeWithoutAppArmorIsSaidSoUnlessSeLinuxLabels() {
        assertThat(checks(Nodes.node().appArmor(Reading.of(false)))).containsExactly("apparmor-available");
        assertThat(checks(Nodes.node().appArmor(Reading.of(false)).seLinux(Reading.of(true))))
                .isEmpty();
        assertThat(outcome(
                        Nodes.node().appArmor(new Reading.Unreadable<>("/sys/module/apparmor", "EACCES")),
                        "apparmor-available"))
                .contains(Verdict.Outcome.UNDETERMINED);
        assertThat(outcome(
                        Nodes.node()
                                .appArmor(Reading.of(false))
                                .seLinux(new Reading.Unreadable<>("/sys/fs/selinux/enforce", "EACCES")),
                        "apparmor-available"))
                .contains(Verdict.Outcome.UNDETERMINED);
    }

    @Test
    void appArmorWithoutItsParserIsSaidSo() {
        NodeConfiguration without = new NodeConfiguration(
                Reading.of(false), NodeConfiguration.NOT_READ.cni(), NodeConfiguration.NOT_READ.kubeletFile());

        assertThat(checks(Nodes.node().configuration(without))).containsExactly("apparmor-parser");
        assertThat(checks(Nodes.node().configuration(without).appArmor(Reading.of(false))))
                .doesNotContain("apparmor-parser");
    }

    private static Nodes withPolicies(String... plugins) {
        return Nodes.node()
                .pods("metadata: {name: web, labels: {app: db}}")
                .with(Processes.of(100, "web", "main"))
                .cluster(new ClusterFacts(
                        ClusterFacts.NOT_ASKED.namespaces(),
                        Reading.of(List.of(new NetworkPolicy("shop", "deny", Map.of("app", "db"), List.of()))),
                        ClusterFacts.NOT_ASKED.node()))
                .configuration(new NodeConfiguration(
                        NodeConfiguration.NOT_READ.appArmorParser(),
                        Reading.of(new CniNetwork("/etc/cni/net.d/10-net.conflist", "net", List.of(plugins))),
                        NodeConfiguration.NOT_READ.kubeletFile()));
    }

    @Test
    void networkPoliciesThatThePluginDoesNotEnforceAreSaidOfNodeAndPod() {
        Nodes flannel = withPolicies("flannel", "portmap");

        assertThat(checks(flannel)).containsExactly("network-policy");
        assertThat(flannel.finding("network-policy").evidence())
                .anyMatch(line -> line.source().equals("/etc/cni/net.d/10-net.conflist"));
        assertThat(flannel.finding("inert-declaration").cause().word()).isEqualTo("network-policy-unenforced");
        assertThat(flannel.finding("inert-declaration").declared()).isEqualTo("NetworkPolicy deny");
    }

    @Test
    void pluginThatEnforcesOrThatNobodyKnowsIsNotAccused() {
        assertThat(checks(withPolicies("calico", "portmap", "bandwidth"))).isEmpty();
        assertThat(checks(withPolicies("cilium-cni"))).isEmpty();
        assertThat(checks(withPolicies("somebodys-own"))).isEmpty();
    }

    @Test
    void programThatEnforcesPoliciesBesideThePluginIsSeenAndOnlyInTheHostsNetwork() {
        Processes kindnet = Processes.ofHost(80).program("/bin/kindnetd");
        assertThat(checks(withPolicies("ptp", "portmap").with(kindnet))).isEmpty();

        Processes pretender = Processes.of(101, "web", "main").program("/bin/kindnetd");
        assertThat(checks(withPolicies("ptp", "portmap").with(pretender))).containsExactly("network-policy");
    }

    private static Nodes loaded(String cgroup, long memory, Optional<Double> cpus) {
        CgroupUse use = new CgroupUse(
                cgroup,
                memory,
                "/sys/fs/cgroup/" + cgroup + "/memory.current",
                cpus,
                "/sys/fs/cgroup/" + cgroup + "/cpu.stat");
        return Nodes.node()
                .pods("metadata: {name: web}")
                .with(
                        Processes.of(100, "web", "main"),
                        Processes.ofHost(90).program("/usr/bin/xmrig").cgroup("/miner/one"))
                .configuration(new NodeConfiguration(
                        NodeConfiguration.NOT_READ.appArmorParser(),
                        NodeConfiguration.NOT_READ.cni(),
                        NodeConfiguration.NOT_READ.kubeletFile(),
                        Reading.of(new NodeLoad(1000 << 20, 4, List.of(use)))));
    }

    @Test
    void tenthOfTheMemoryOutsideOfPodsAndSystemIsSaidWithWhoUsesIt() {
        assertThat(checks(loaded("miner", 99 << 20, Optional.empty()))).isEmpty();

        Finding finding = loaded("miner", 100 << 20, Optional.empty()).finding("unmanaged-load");
        assertThat(finding.message())
                .isEqualTo("outside of pods and of the system's slices /miner uses 100 MiB of memory");
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(90);
        assertThat(finding.evidence()).anyMatch(line -> line.source().equals("/sys/fs/cgroup/miner/memory.current"));
    }

    @Test
    void tenthOfTheCpusCountsToo() {
        assertThat(checks(loaded("miner", 0, Optional.of(0.3)))).isEmpty();
        assertThat(loaded("miner", 0, Optional.of(0.4))
                        .finding("unmanaged-load")
                        .message())
                .contains("0.4 of 4 CPUs");
    }

    @Test
    void podsTheKubeletAndTheSystemAreNoUnmanagedLoad() {
        assertThat(checks(loaded("kubepods", 900 << 20, Optional.of(4.0)))).isEmpty();
        assertThat(checks(loaded("system.slice", 900 << 20, Optional.of(4.0)))).isEmpty();
        assertThat(checks(loaded("runtime", 900 << 20, Optional.of(4.0))
                        .with(Processes.ofHost(50)
                                .program("/usr/bin/kubelet")
                                .arguments("kubelet", "--config=/k.yaml")
                                .cgroup("/runtime/kubelet"))))
                .isEmpty();
    }

    @Test
    void loadThatCannotBeReadIsUndeterminedAndAMachineWithoutKubeletIsNotJudged() {
        NodeConfiguration unreadable = new NodeConfiguration(
                NodeConfiguration.NOT_READ.appArmorParser(),
                NodeConfiguration.NOT_READ.cni(),
                NodeConfiguration.NOT_READ.kubeletFile(),
                new Reading.Unreadable<>("/sys/fs/cgroup", "EACCES"));

        assertThat(outcome(Nodes.node().pods("metadata: {name: web}").configuration(unreadable), "unmanaged-load"))
                .contains(Verdict.Outcome.UNDETERMINED);
        assertThat(outcome(Nodes.node().configuration(unreadable), "unmanaged-load"))
                .isEmpty();
    }
}
