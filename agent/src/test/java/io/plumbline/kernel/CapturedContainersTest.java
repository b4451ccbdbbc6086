package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.CapturedNode;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.CgroupMembership.Line;
import io.plumbline.model.Credentials;
import io.plumbline.model.IdMap;
import io.plumbline.model.Ids;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts.CgroupLayout;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** 54 processes of real containers against {@code manifest.json}, which was made from the same capture by other code. */
class CapturedContainersTest {

    private static NodeSnapshot snapshot(Path proc) throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.at(proc), Backend.java())) {
            return reader.snapshot();
        }
    }

    @TestFactory
    Stream<DynamicTest> everyCaseIsReadAsItWasObserved() throws IOException {
        JsonNode manifest =
                new ObjectMapper().readTree(CapturedNode.file("manifest.json").toFile());
        NodeSnapshot unified = snapshot(CapturedNode.containersProc());
        NodeSnapshot second = snapshot(CapturedNode.containersProcV1());
        List<DynamicTest> tests = new ArrayList<>();
        for (Map.Entry<String, JsonNode> one : manifest.get("cases").properties()) {
            String name = one.getKey();
            boolean ofSecondBoot = name.startsWith("cgroup-v1-") || name.equals("host-init-v1");
            NodeSnapshot node = ofSecondBoot ? second : unified;
            tests.add(DynamicTest.dynamicTest(name, () -> {
                ProcessSnapshot process = node.processes().stream()
                        .filter(candidate -> candidate.pid() == CapturedNode.pidOf(name))
                        .findFirst()
                        .orElseThrow();
                compare(node, process, one.getValue().get("observed"));
            }));
        }
        assertThat(tests).hasSize(54);
        return tests.stream();
    }

    private static void compare(NodeSnapshot node, ProcessSnapshot process, JsonNode observed) {
        assertThat(process.comm()).isEqualTo(observed.get("comm").asText());
        assertThat(process.commandLine().arguments()).isEqualTo(texts(observed.get("cmdline")));
        assertThat(process.nsPids()
                        .map(pids -> pids.stream().map(Integer::longValue).toList()))
                .isEqualTo(Reading.of(numbers(observed.get("nspid"))));
        Credentials credentials = Parsed.value(process.credentials());
        assertThat(credentials.uids()).isEqualTo(ids(observed.get("uid")));
        assertThat(credentials.gids()).isEqualTo(ids(observed.get("gid")));
        assertThat(credentials.groups()).isEqualTo(numbers(observed.get("groups")));
        JsonNode names = observed.get("capabilities");
        assertThat(credentials.inheritable()).isEqualTo(set(names.get("inheritable")));
        assertThat(credentials.permitted()).isEqualTo(set(names.get("permitted")));
        assertThat(credentials.effective()).isEqualTo(set(names.get("effective")));
        assertThat(credentials.bounding()).isEqualTo(set(names.get("bounding")));
        assertThat(credentials.ambient()).isEqualTo(set(names.get("ambient")));
        assertThat(credentials.noNewPrivileges())
                .hasValue(observed.get("noNewPrivs").asBoolean());
        assertThat(credentials.seccompMode())
                .hasValue(observed.get("seccompMode").asInt());
        if (!process.kernelThread()) {
            compareWhatAKernelThreadLacks(node, process, observed);
        }
    }

    private static void compareWhatAKernelThreadLacks(NodeSnapshot node, ProcessSnapshot process, JsonNode observed) {
        if (observed.hasNonNull("apparmor")) {
            AppArmorLabel label = AppArmorLabel.parse(Parsed.value(process.label()));
            JsonNode expected = observed.get("apparmor");
            assertThat(label.text()).startsWith(expected.get("label").asText());
            assertThat(label.mode()).isEqualTo(expected.path("mode").asText("").replace("null", ""));
        }
        TreeSet<String> shared = new TreeSet<>();
        for (NamespaceType type : NamespaceType.values()) {
            Reading<Long> inode = process.namespaces().inode(type);
            if (inode instanceof Reading.Observed<Long>
                    && inode.equals(node.facts().hostNamespace(type))) {
                shared.add(type.link());
            }
        }
        if (observed.hasNonNull("sharedWithHost")) {
            TreeSet<String> told = new TreeSet<>(texts(observed.get("sharedWithHost")));
            told.remove("time"); // not read
            assertThat(shared).containsExactlyElementsOf(told);
        }
        List<IdMap.Range> ranges = new ArrayList<>();
        observed.get("uidMap")
                .forEach(range -> ranges.add(new IdMap.Range(
                        range.get(0).asLong(),
                        range.get(1).asLong(),
                        range.get(2).asLong())));
        assertThat(process.uidMap()).isEqualTo(Reading.of(new IdMap(ranges)));
        if (observed.hasNonNull("rootReadOnly")) {
            MountTable mounts = Parsed.value(process.mounts());
            assertThat(mounts.at("/").map(Mount::isReadOnly))
                    .hasValue(observed.get("rootReadOnly").asBoolean());
        }
        if (observed.path("cgroup").hasNonNull("path")) {
            assertThat(Parsed.value(process.cgroup()).lines())
                    .extracting(Line::path)
                    .contains(observed.get("cgroup").get("path").asText());
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    private static List<Long> numbers(JsonNode array) {
        List<Long> numbers = new ArrayList<>();
        array.forEach(element -> numbers.add(element.asLong()));
        return numbers;
    }

    private static Ids ids(JsonNode array) {
        return new Ids(
                array.get(0).asLong(),
                array.get(1).asLong(),
                array.get(2).asLong(),
                array.get(3).asLong());
    }

    private static CapabilitySet set(JsonNode names) {
        return CapabilitySet.of(texts(names).stream().map(Capability::valueOf).toArray(Capability[]::new));
    }

    @Test
    void factsAreThoseOfAnAppArmorNodeUnderVersionTwo() throws IOException {
        NodeSnapshot node = snapshot(CapturedNode.containersProc());
        assertThat(node.facts().appArmor()).isEqualTo(Reading.of(true));
        assertThat(node.facts().seLinux())
                .isEqualTo(new Reading.Unreadable<>("/sys/fs/selinux/enforce", "not in this tree"));
        assertThat(node.facts().appArmorProfiles())
                .isEqualTo(new Reading.Unreadable<>("/sys/kernel/security/apparmor/profiles", "not in this tree"));
        assertThat(node.facts().cgroupLayout()).isEqualTo(CgroupLayout.V2);
        assertThat(snapshot(CapturedNode.containersProcV1()).facts().cgroupLayout())
                .isIn(CgroupLayout.V1, CgroupLayout.HYBRID);
        // The guest's containerd has all capabilities, and kthreadd and pid 1 are in the tree.
        assertThat(node.facts().capabilityCeiling()).isEqualTo(Reading.of(CapabilitySet.upTo(40)));
        assertThat(node.facts().hostNamespace(NamespaceType.MNT).observed()).isPresent();
    }

    /** Trap 23: a zombie has no executable, no mounts and few namespaces, and that is no drift. */
    @Test
    void zombieHasCredentialsAndLittleElse() throws IOException {
        ProcessSnapshot zombie = snapshot(CapturedNode.containersProc()).processes().stream()
                .filter(ProcessSnapshot::isZombie)
                .findFirst()
                .orElseThrow();
        assertThat(zombie.pid()).isEqualTo(CapturedNode.pidOf("host-zombie"));
        assertThat(zombie.credentials().trouble()).isEmpty();
        assertThat(zombie.executable()).isEqualTo(new Reading.Absent<>(zombie.file("exe")));
        assertThat(zombie.mounts()).isEqualTo(new Reading.Absent<>(zombie.file("mountinfo")));
        assertThat(zombie.namespaces().inode(NamespaceType.MNT)).isEqualTo(new Reading.Absent<>(zombie.file("ns/mnt")));
        assertThat(zombie.namespaces().inode(NamespaceType.PID).observed()).isPresent();
        assertThat(zombie.commandLine().arguments()).isEmpty();
    }
}
