package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeFacts.CgroupLayout;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The node of Kubernetes 1.32 whole. Its {@code /proc/1} refused the reader, and is not in the tree. */
@TestInstance(Lifecycle.PER_CLASS)
class CapturedNodeSnapshotTest {

    private NodeSnapshot node;

    @BeforeAll
    void read() throws IOException {
        node = snapshot(ProcRoot.at(CapturedNode.kubernetes().resolve("proc")));
    }

    private static NodeSnapshot snapshot(ProcRoot root) throws IOException {
        try (NodeReader reader = NodeReader.open(root, Backend.java())) {
            return reader.snapshot();
        }
    }

    private ProcessSnapshot process(int pid) {
        return node.processes().stream()
                .filter(process -> process.pid() == pid)
                .findFirst()
                .orElseThrow();
    }

    private ProcessSnapshot process(String comm) {
        return node.processes().stream()
                .filter(process -> process.comm().equals(comm))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyProcessIsReadWhole() {
        assertThat(node.processes()).hasSize(83);
        assertThat(node.vanished()).isZero();
        assertThat(node.unreadable()).isEmpty();
        assertThat(node.processes()).isSortedAccordingTo((a, b) -> Integer.compare(a.pid(), b.pid()));
        for (ProcessSnapshot process : node.processes()) {
            assertThat(process.credentials().trouble()).isEmpty();
            assertThat(process.nsPids().trouble()).isEmpty();
            assertThat(process.label()).isEqualTo(new Reading.Absent<>(process.file("attr/current")));
            if (!process.kernelThread()) {
                assertThat(process.cgroup().trouble()).isEmpty();
                assertThat(process.mounts().trouble()).isEmpty();
                assertThat(process.uidMap().trouble()).isEmpty();
                assertThat(process.gidMap().trouble()).isEmpty();
                assertThat(process.executable().trouble()).isEmpty();
                for (NamespaceType type : NamespaceType.values()) {
                    assertThat(process.namespaces().inode(type).trouble()).isEmpty();
                }
            }
        }
    }

    @Test
    void factsComeFromTheTreeAndNotFromThisMachine() {
        NodeFacts facts = node.facts();
        assertThat(facts.kernelRelease()).isEqualTo("6.18.44-fc-v669");
        assertThat(facts.bootTime()).isEqualTo(Reading.of(Instant.parse("2026-11-20T21:16:14Z")));
        assertThat(facts.uptime()).isEqualTo(Reading.of(Duration.ofMillis(2_016_050)));
        assertThat(facts.takenAt()).isEqualTo(Instant.parse("2026-11-20T21:49:50.050Z"));
        assertThat(facts.ticksPerSecond()).isEqualTo(100);
        assertThat(facts.startOf(process(7280).key())).hasValue(Instant.parse("2026-11-20T21:48:10.510Z"));
        assertThat(facts.lastCapability()).isEqualTo(Reading.of(40));
        assertThat(facts.cgroupLayout()).isEqualTo(CgroupLayout.HYBRID);
        assertThat(facts.nodeBase()).isEqualTo("/");
        assertThat(facts.maskablePaths()).containsExactly("/proc/sys");
        assertThat(facts.ephemeralPorts()).isInstanceOf(Reading.Absent.class);
        assertThat(facts.reader().pid()).isZero();
        assertThat(facts.reader().effective()).isEqualTo(CapabilitySet.NONE);
    }

    @Test
    void hostNamespacesAreThoseOfKthreaddWherePidOneRefuses() {
        assertThat(node.facts().hostNamespaces())
                .containsEntry(NamespaceType.PID, Reading.of(4026531836L))
                .containsEntry(NamespaceType.NET, Reading.of(4026531833L))
                .containsEntry(NamespaceType.MNT, Reading.of(4026531832L))
                .hasSize(NamespaceType.values().length);
    }

    @Test
    void capabilityCeilingIsTheDaemonsAndLacksWhatItLacks() {
        CapabilitySet ceiling = Parsed.value(node.facts().capabilityCeiling());
        assertThat(CapabilitySet.upTo(40).minus(ceiling)).isEqualTo(CapabilitySet.of(Capability.SYS_RESOURCE));
    }

    @Test
    void hostMountsAreThoseOfTheHostsMountNamespace() {
        MountTable mounts = Parsed.value(node.facts().hostMounts());
        assertThat(mounts.mounts()).hasSize(118);
        assertThat(mounts.at("/").map(Mount::fileSystemType)).hasValue("ext4");
        assertThat(process("kubelet").mounts()).isEqualTo(Reading.of(mounts));
    }

    @Test
    void noSecurityModuleAnsweredSoNoneIsInForce() {
        assertThat(node.facts().appArmor()).isEqualTo(Reading.of(false));
        assertThat(node.facts().seLinux()).isEqualTo(Reading.of(false));
        assertThat(node.facts().appArmorProfiles())
                .isEqualTo(new Reading.Absent<>("/sys/kernel/security/apparmor/profiles"));
    }

    @Test
    void realDriftOfTheNodeIsInTheSnapshot() {
        assertThat(Parsed.value(process(7187).credentials()).uids().any(0)).isTrue();
        assertThat(process(7289).namespaces().isIn(NamespaceType.MNT, 4026531832L))
                .isTrue();
        assertThat(process(7243).namespaces().isIn(NamespaceType.PID, 4026531836L))
                .isTrue();
        assertThat(Parsed.value(process(7280).credentials()).bounding().contains(Capability.SYS_TIME))
                .isTrue();
        assertThat(process(7280).key()).isEqualTo(new ProcessKey(7280, 191651));
    }

    /** The tree has no {@code task}: with more than one thread nobody can say, with one there is nothing to say. */
    @Test
    void threadsAreAbsentWhereTheTreeHasThemNot() {
        assertThat(process("containerd").threads())
                .isEqualTo(new Reading.Absent<>(process("containerd").file("task")));
        assertThat(process("pause").threads()).isEqualTo(Reading.of(List.of()));
    }

    @Test
    void tableOfANamespaceIsReadOnceAndShared() {
        Set<MountTable> tables = Collections.newSetFromMap(new IdentityHashMap<>());
        node.processes().forEach(process -> process.mounts().observed().ifPresent(tables::add));
        long namespaces = node.processes().stream()
                .filter(process -> !process.kernelThread())
                .map(process -> process.namespaces().inode(NamespaceType.MNT))
                .distinct()
                .count();
        assertThat(tables).hasSize((int) namespaces);
    }

    @Test
    void imageIsNotInTheTreeSoNobodyGuessesWhereExecutablesComeFrom() {
        assertThat(process("pause").executableOrigin()).isInstanceOfSatisfying(Reading.Unreadable.class, unreadable -> {
            assertThat(unreadable.source()).endsWith("/fs");
            assertThat(unreadable.why()).isEqualTo("the image's file system is not in this tree");
        });
        assertThat(process("kubelet").executableOrigin()).isInstanceOf(Reading.Absent.class);
    }

    @Test
    void kernelThreadHasOnlyItsCredentials() {
        ProcessSnapshot kthreadd = process(2);
        assertThat(kthreadd.kernelThread()).isTrue();
        assertThat(kthreadd.credentials().trouble()).isEmpty();
        assertThat(kthreadd.executable()).isEqualTo(new Reading.Absent<>("/proc/2/exe"));
        assertThat(kthreadd.cgroup()).isEqualTo(new Reading.Absent<>("/proc/2/cgroup"));
        assertThat(kthreadd.mounts()).isEqualTo(new Reading.Absent<>("/proc/2/mountinfo"));
    }

    @Test
    void directoryWithoutAProcessIsNoProc() {
        Path bundles = CapturedNode.kubernetesBundles();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> snapshot(ProcRoot.at(bundles)))
                .isInstanceOf(IOException.class)
                .hasMessage(bundles + ": names no process, so it is no /proc");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> snapshot(ProcRoot.at(Path.of("/nowhere"))))
                .isInstanceOf(IOException.class)
                .hasMessage("/nowhere: ENOENT");
    }
}
