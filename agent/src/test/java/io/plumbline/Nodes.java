package io.plumbline;

import io.plumbline.attribution.Attributor;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.OciBundle;
import io.plumbline.model.PolicySet;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import io.plumbline.scan.Evaluation;
import io.plumbline.scan.Policies;
import io.plumbline.scan.ProfileLook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A node for tests: processes, pods and bundles put together, and what is said of them. As long as nothing else is said it is a node
 * under cgroup v2 and AppArmor, an hour after its boot, and everything of it can be read.
 */
public final class Nodes {

    private static final Duration UPTIME = Duration.ofHours(1);
    private static final Instant BOOT = Instant.parse("2026-11-20T21:00:00Z");
    private static final long NET = 4026531840L;
    private static final long MNT = 4026531841L;

    private final Map<NamespaceType, Reading<Long>> hostNamespaces = new EnumMap<>(NamespaceType.class);
    private final List<Processes> processes = new ArrayList<>();
    private final List<OciBundle> bundles = new ArrayList<>();
    private final Map<Integer, Reading<List<ListeningSocket>>> sockets = new HashMap<>();
    private Optional<DeclaredNode> declared = Optional.empty();
    private Reading<KubeletConfiguration> configz =
            Reading.of(new KubeletConfiguration(false, "cgroupfs", "", Optional.empty()));
    private Reading<CapabilitySet> ceiling = Reading.of(Processes.ALL_CAPABILITIES);
    private Reading<Integer> lastCapability = Reading.of(40);
    private Reading<Boolean> appArmor = Reading.of(true);
    private Reading<Map<String, String>> profiles = Reading.of(Map.of("cri-containerd.apparmor.d", "enforce"));
    private Reading<Boolean> seLinux = Reading.of(false);
    private Reading<MountTable> hostMounts = Reading.of(Mounts.ofHost().table());
    private Reading<Duration> uptime = Reading.of(UPTIME);
    private String nodeBase = "/";
    private int reader = 0;
    private ClusterFacts cluster = ClusterFacts.NOT_ASKED;
    private NodeConfiguration configuration = NodeConfiguration.NOT_READ;
    private Policies policy = Policies.of(PolicySet.NONE);

    private Nodes() {
        for (NamespaceType type : NamespaceType.values()) {
            hostNamespaces.put(type, Reading.of(hostNamespace(type)));
        }
    }

    public static Nodes node() {
        return new Nodes();
    }

    public static long hostNamespace(NamespaceType type) {
        return type.initialInode().orElse(type == NamespaceType.NET ? NET : MNT);
    }

    public Nodes with(Processes... more) {
        processes.addAll(Arrays.asList(more));
        return this;
    }

    /** The kubelet was asked, and this is its answer: manifests, see {@link Pods}. */
    public Nodes pods(String manifests) {
        declared = Optional.of(Pods.read(manifests));
        return this;
    }

    public Nodes configz(Reading<KubeletConfiguration> reading) {
        configz = reading;
        return this;
    }

    /** The kubelet's configuration gives containers without a profile the runtime's one. */
    public Nodes seccompDefault() {
        return configz(Reading.of(new KubeletConfiguration(true, "cgroupfs", "", Optional.empty())));
    }

    public Nodes bundles(OciBundle... more) {
        bundles.addAll(Arrays.asList(more));
        return this;
    }

    public Nodes hostNamespace(NamespaceType type, Reading<Long> reading) {
        hostNamespaces.put(type, reading);
        return this;
    }

    public Nodes ceiling(Reading<CapabilitySet> reading) {
        ceiling = reading;
        return this;
    }

    public Nodes lastCapability(Reading<Integer> reading) {
        lastCapability = reading;
        return this;
    }

    public Nodes appArmor(Reading<Boolean> reading) {
        appArmor = reading;
        return this;
    }

    /** Loaded profiles with their modes. */
    public Nodes profiles(Map<String, String> loaded) {
        return profiles(Reading.of(loaded));
    }

    public Nodes profiles(Reading<Map<String, String>> reading) {
        profiles = reading;
        return this;
    }

    public Nodes seLinux(Reading<Boolean> reading) {
        seLinux = reading;
        return this;
    }

    public Nodes hostMounts(Reading<MountTable> reading) {
        hostMounts = reading;
        return this;
    }

    public Nodes uptime(Reading<Duration> reading) {
        uptime = reading;
        return this;
    }

    /** Cgroup of the node's own init. */
    public Nodes base(String path) {
        nodeBase = path;
        return this;
    }

    /** Pid of the process that looks. */
    public Nodes reader(int pid) {
        reader = pid;
        return this;
    }

    public Nodes listens(int pid, ListeningSocket... found) {
        return listens(pid, Reading.of(List.of(found)));
    }

    public Nodes listens(int pid, Reading<List<ListeningSocket>> reading) {
        sockets.put(pid, reading);
        return this;
    }

    /** What the API server says beside the pods. */
    public Nodes cluster(ClusterFacts facts) {
        cluster = facts;
        return this;
    }

    /** The labels of the namespace that pods are in unless they say otherwise. */
    public Nodes namespaceLabels(Map<String, String> labels) {
        return cluster(new ClusterFacts(
                Reading.of(Map.of("shop", labels)),
                ClusterFacts.NOT_ASKED.networkPolicies(),
                ClusterFacts.NOT_ASKED.node()));
    }

    /** What the node's own files say. */
    public Nodes configuration(NodeConfiguration files) {
        configuration = files;
        return this;
    }

    public Nodes policy(PolicySet files) {
        policy = Policies.of(files);
        return this;
    }

    public NodeSnapshot snapshot() {
        NodeFacts facts = new NodeFacts(
                BOOT.plus(UPTIME),
                "6.1.0",
                Reading.of(BOOT),
                uptime,
                100,
                lastCapability,
                hostNamespaces,
                ceiling,
                NodeFacts.CgroupLayout.V2,
                appArmor,
                appArmor.equals(Reading.of(false))
                        ? List.of(new Evidence("/sys/module/apparmor/parameters/enabled", "N"))
                        : List.of(),
                profiles,
                seLinux,
                hostMounts,
                Reading.of(new NodeFacts.PortRange(32768, 60999)),
                Set.of(
                        "/proc/acpi",
                        "/proc/bus",
                        "/proc/fs",
                        "/proc/irq",
                        "/proc/kcore",
                        "/proc/keys",
                        "/proc/sys",
                        "/proc/sysrq-trigger",
                        "/proc/timer_list",
                        "/sys/firmware"),
                nodeBase,
                new NodeFacts.Reader(reader, 0, Processes.ALL_CAPABILITIES, "test"));
        return new NodeSnapshot(
                facts,
                processes.stream()
                        .map(process -> process.snapshot(UPTIME))
                        .sorted(Comparator.comparingInt(ProcessSnapshot::pid))
                        .toList(),
                0);
    }

    public AttributedNode attributed() {
        return new Attributor().attribute(snapshot(), answer(), inventory());
    }

    /** To whom one process belongs. */
    public Attribution attribution(int pid) {
        return process(pid).attribution();
    }

    public AttributedProcess process(int pid) {
        AttributedNode node = attributed();
        return Stream.concat(
                        node.others().stream(),
                        node.containers().stream().flatMap(container -> container.processes().stream()))
                .filter(process -> process.process().pid() == pid)
                .findFirst()
                .orElseThrow();
    }

    public ScanReport report() {
        return report(snapshot(), new Evaluation());
    }

    /**
     * What is said of this node with other processes.
     *
     * @param evaluation of a scan before
     */
    public ScanReport report(NodeSnapshot snapshot, Evaluation evaluation) {
        return evaluation.of(
                snapshot,
                "node1",
                answer(),
                inventory(),
                this::listening,
                attributed -> configuration,
                policy,
                ProfileLook.NOWHERE,
                List.of());
    }

    public List<Finding> findings() {
        return report().findings();
    }

    /** The findings of kind drift. */
    public List<Finding> drift() {
        return findings().stream()
                .filter(finding -> finding.kind() == FindingKind.DRIFT)
                .toList();
    }

    /** The only finding of a check. */
    public Finding finding(String check) {
        List<Finding> found = findings().stream()
                .filter(finding -> finding.check().equals(check))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("expected one finding of " + check + ", got " + found);
        }
        return found.get(0);
    }

    /** What a check says of the container of this name; empty where it has nothing to say. */
    public Optional<Verdict> verdict(String check, String container) {
        return report().containers().stream()
                .filter(report ->
                        report.view().identity().container().orElse("").equals(container))
                .map(ContainerReport::verdicts)
                .flatMap(List::stream)
                .filter(verdict -> verdict.check().equals(check))
                .findFirst();
    }

    public Optional<DeclaredNode> answer() {
        return declared.map(node ->
                new DeclaredNode(node.source(), node.nodeName(), node.pods(), configz, node.warnings(), cluster));
    }

    private RuntimeInventory inventory() {
        return new RuntimeInventory(bundles, List.of(), List.of());
    }

    private Map<ProcessKey, Reading<List<ListeningSocket>>> listening(java.util.Collection<ProcessSnapshot> asked) {
        Map<ProcessKey, Reading<List<ListeningSocket>>> found = new HashMap<>();
        for (ProcessSnapshot process : asked) {
            found.put(process.key(), sockets.getOrDefault(process.pid(), Reading.of(List.of())));
        }
        return found;
    }
}
