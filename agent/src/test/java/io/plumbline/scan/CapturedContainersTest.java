package io.plumbline.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Credentials;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.IdMap;
import io.plumbline.model.Ids;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.ScanReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** 54 processes captured under cgroup v2, cgroup v1 and AppArmor: everything that their manifest says of them comes out. */
@TestInstance(Lifecycle.PER_CLASS)
class CapturedContainersTest {

    /** The manifest's sentences on what differs, and the checks that say so; none where the difference is the stricter one. */
    private static final Map<String, Set<String>> DRIFT = Map.ofEntries(
            Map.entry("apparmor: label is a stack; the declared profile is one of its parts", Set.of()),
            Map.entry("apparmor: label is a child of the declared profile", Set.of()),
            Map.entry("apparmor: declared Localhost/fixture-removed, effective unconfined", Set.of("apparmor")),
            Map.entry(
                    "apparmor: declared Localhost/fixture-flip enforced, effective mode complain", Set.of("apparmor")),
            Map.entry("apparmor: a process of the container is unconfined, its container is not", Set.of("apparmor")),
            Map.entry(
                    "capabilities: SYS_ADMIN held by a process of the container, not declared", Set.of("capabilities")),
            Map.entry("capabilities: permitted and effective empty", Set.of()),
            Map.entry("capabilities: fewer than declared (privileges lowered)", Set.of()),
            Map.entry("uid: real 1000, effective, saved and fs 0", Set.of()),
            Map.entry(
                    "uid: container started as 0, process is 1000 (privileges lowered: not a risk by itself)",
                    Set.of()),
            Map.entry(
                    "namespaces: net, ipc, uts, mnt are the host's though only hostPID is declared",
                    Set.of("host-network", "host-ipc", "host-uts", "host-mount")));

    /** What the manifest does not count as drift, and we do. */
    private static final Map<String, Set<String>> BEYOND_THE_MANIFEST = Map.of(
            // Loaded in complain mode from the start: one look cannot tell that from a profile that was weakened later.
            "apparmor-complain",
            Set.of("apparmor"),
            // pods.json declares none of its hostPath volumes.
            "host-path-mounts",
            Set.of("undeclared-mount"),
            // No pod at all, on a node with a kubelet.
            "docker-not-a-pod",
            Set.of("unmanaged-container"));

    private CapturedContainers containers;

    @BeforeAll
    void scan() throws IOException, KubeletException {
        containers = new CapturedContainers();
    }

    @TestFactory
    Stream<DynamicTest> belongsToWhomTheManifestSays() {
        return containers.names().map(name -> DynamicTest.dynamicTest(name, () -> attribution(name)));
    }

    @TestFactory
    Stream<DynamicTest> isReadAsTheManifestSays() {
        return containers.names().map(name -> DynamicTest.dynamicTest(name, () -> observed(name)));
    }

    @TestFactory
    Stream<DynamicTest> driftIsExactlyTheManifests() {
        return containers.names().map(name -> DynamicTest.dynamicTest(name, () -> drift(name)));
    }

    @Test
    void everySentenceOfTheManifestIsKnownAndUsed() {
        Set<String> sentences = new TreeSet<>();
        containers
                .names()
                .forEach(
                        name -> sentences.addAll(texts(containers.manifest(name).path("drift"))));

        assertThat(sentences).isEqualTo(new TreeSet<>(DRIFT.keySet()));
        assertThat(containers.names()).containsAll(BEYOND_THE_MANIFEST.keySet()).hasSizeGreaterThan(50);
    }

    /** All that is undetermined is where the programs come from: no layer was captured. */
    @Test
    void whatCannotBeJudgedIsOnlyTheExecutable() {
        Map<String, String> undetermined = new TreeMap<>();
        containers
                .names()
                .map(containers::report)
                .distinct()
                .forEach(report -> report.containers()
                        .forEach(container -> container.verdicts().stream()
                                .filter(verdict -> !verdict.check().equals("executable"))
                                .forEach(verdict -> verdict.undetermined()
                                        .forEach(gap -> undetermined.put(
                                                container.view().identity().words() + " " + verdict.check(),
                                                gap.toString())))));

        // Where they listen takes their descriptors, which were not captured either.
        undetermined.keySet().removeIf(key -> key.endsWith(" host-port"));
        assertThat(undetermined).isEmpty();
    }

    private void attribution(String name) {
        AttributedProcess process = process(name);
        JsonNode cgroup = containers.manifest(name).at("/observed/cgroup");
        Attribution attribution = process.attribution();
        if (cgroup.get("containerId").isNull()) {
            assertThat(attribution)
                    .isEqualTo(new Attribution.OfHost(
                            switch (name) {
                                case "host-kthread" -> Attribution.HostKind.KERNEL_THREAD;
                                case "host-zombie" -> Attribution.HostKind.ZOMBIE;
                                case "host-containerd-shim" -> Attribution.HostKind.SHIM;
                                default -> Attribution.HostKind.PROCESS;
                            }));
            return;
        }
        boolean sandbox = name.endsWith("-pause");
        assertThat(attribution).isInstanceOf(sandbox ? Attribution.OfSandbox.class : Attribution.OfContainer.class);
        ContainerIdentity identity = sandbox
                ? ((Attribution.OfSandbox) attribution).sandbox()
                : ((Attribution.OfContainer) attribution).container();
        assertThat(identity.containerId()).isEqualTo(cgroup.get("containerId").asText());
        assertThat(identity.podUid()).isEqualTo(cgroup.get("podUid").asText(""));
        assertThat(identity.pod().isEmpty()).isEqualTo(cgroup.get("podUid").isNull());
        assertThat(process.viaExec()).isEqualTo(name.endsWith("-exec"));
        assertThat(process.settled()).isTrue();
    }

    private void observed(String name) {
        ProcessSnapshot process = process(name).process();
        JsonNode observed = containers.manifest(name).get("observed");
        Credentials credentials = process.credentials().observed().orElseThrow();
        var soft = new SoftAssertions();
        soft.assertThat(process.comm()).isEqualTo(observed.get("comm").asText());
        soft.assertThat(process.commandLine().arguments()).isEqualTo(texts(observed.get("cmdline")));
        soft.assertThat(process.nsPids().observed().orElseThrow().stream().map(Long::valueOf))
                .isEqualTo(numbers(observed.get("nspid")));
        soft.assertThat(ids(credentials.uids())).isEqualTo(numbers(observed.get("uid")));
        soft.assertThat(ids(credentials.gids())).isEqualTo(numbers(observed.get("gid")));
        soft.assertThat(credentials.groups()).isEqualTo(numbers(observed.get("groups")));
        JsonNode words = observed.get("capabilityWords");
        JsonNode names = observed.get("capabilities");
        set(soft, credentials.inheritable(), words.get("CapInh"), names.get("inheritable"));
        set(soft, credentials.permitted(), words.get("CapPrm"), names.get("permitted"));
        set(soft, credentials.effective(), words.get("CapEff"), names.get("effective"));
        set(soft, credentials.bounding(), words.get("CapBnd"), names.get("bounding"));
        set(soft, credentials.ambient(), words.get("CapAmb"), names.get("ambient"));
        soft.assertThat(credentials.noNewPrivileges().orElseThrow())
                .isEqualTo(observed.get("noNewPrivs").asBoolean());
        soft.assertThat(credentials.seccompMode().orElseThrow())
                .isEqualTo(observed.get("seccompMode").asInt());
        soft.assertThat(paths(process)).contains(observed.at("/cgroup/path").asText());
        if (!process.kernelThread()) {
            label(soft, process, observed.get("apparmor"));
            namespaces(soft, containers.report(name).node().facts(), process, observed.get("sharedWithHost"));
            soft.assertThat(ranges(process.uidMap().observed().orElseThrow()))
                    .isEqualTo(ranges(observed.get("uidMap")));
        }
        process.mounts().observed().ifPresent(mounts -> mounts(soft, mounts, observed));
        soft.assertAll();
    }

    private static void set(SoftAssertions soft, CapabilitySet set, JsonNode word, JsonNode names) {
        soft.assertThat(set.toString()).isEqualTo(word.asText());
        soft.assertThat(set.names()).isEqualTo(texts(names));
    }

    private static void label(SoftAssertions soft, ProcessSnapshot process, JsonNode expected) {
        AppArmorLabel label = AppArmorLabel.parse(process.label().observed().orElseThrow());
        soft.assertThat(String.join("//&", label.profiles()))
                .isEqualTo(expected.get("label").asText());
        soft.assertThat(label.mode()).isEqualTo(expected.get("mode").asText(""));
        soft.assertThat(label.isUnconfined()).isEqualTo(expected.get("mode").isNull());
    }

    private static void namespaces(SoftAssertions soft, NodeFacts facts, ProcessSnapshot process, JsonNode expected) {
        Set<String> shared = new TreeSet<>();
        for (NamespaceType type : NamespaceType.values()) {
            var own = process.namespaces().inode(type).observed();
            if (own.isPresent() && own.equals(facts.hostNamespace(type).observed())) {
                shared.add(type.link());
            }
        }
        Set<String> told = new TreeSet<>(texts(expected));
        told.remove("time"); // not read
        soft.assertThat(shared).isEqualTo(told);
    }

    private static void mounts(SoftAssertions soft, MountTable mounts, JsonNode observed) {
        soft.assertThat(mounts.at("/").map(Mount::isReadOnly).orElseThrow())
                .isEqualTo(observed.get("rootReadOnly").asBoolean());
        for (String path : texts(observed.get("maskedPaths"))) {
            soft.assertThat(mounts.covering(path).map(Mount::fileSystemType).orElse(""))
                    .as(path)
                    .isNotIn("proc", "sysfs", "");
        }
        for (String path : texts(observed.get("readonlyPaths"))) {
            soft.assertThat(mounts.covering(path).map(Mount::isReadOnly).orElse(false))
                    .as(path)
                    .isTrue();
        }
    }

    private void drift(String name) {
        Set<String> expected = new TreeSet<>(BEYOND_THE_MANIFEST.getOrDefault(name, Set.of()));
        for (String sentence : texts(containers.manifest(name).path("drift"))) {
            expected.addAll(Objects.requireNonNull(DRIFT.get(sentence), sentence));
        }
        int pid = containers.manifest(name).at("/observed/pid").asInt();
        Set<String> found = new TreeSet<>();
        for (Finding finding : containers.report(name).findings()) {
            if (finding.kind() != FindingKind.DRIFT) {
                continue;
            }
            if (finding.processes().stream().anyMatch(process -> process.pid() == pid)) {
                found.add(finding.check());
            }
        }

        assertThat(found).isEqualTo(expected);
    }

    private AttributedProcess process(String name) {
        int pid = containers.manifest(name).at("/observed/pid").asInt();
        ScanReport report = containers.report(name);
        return Stream.concat(
                        report.node().others().stream(),
                        report.containers().stream().flatMap(container -> container.view().processes().stream()))
                .filter(process -> process.process().pid() == pid)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> paths(ProcessSnapshot process) {
        // The kernel says where a thread of its own is too, and nobody asks.
        return process.kernelThread()
                ? List.of("/")
                : process.cgroup().observed().orElseThrow().lines().stream()
                        .map(CgroupMembership.Line::path)
                        .toList();
    }

    private static List<Long> ids(Ids ids) {
        return ids.stream().boxed().toList();
    }

    private static List<List<Long>> ranges(IdMap map) {
        return map.ranges().stream()
                .map(range -> List.of(range.inside(), range.outside(), range.count()))
                .toList();
    }

    private static List<List<Long>> ranges(JsonNode map) {
        List<List<Long>> ranges = new ArrayList<>();
        map.forEach(range -> ranges.add(numbers(range)));
        return ranges;
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static List<Long> numbers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asLong)
                .toList();
    }
}
