package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts.CgroupLayout;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What no captured node shows, in trees of a few processes. */
class SmallTreesTest {

    private static final String KTHREADD = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 23 0 0 0 0 0\n";

    private final ProcFixture tree = new ProcFixture();

    @AfterEach
    void delete() {
        tree.close();
    }

    private NodeSnapshot read() throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.at(tree.proc()), Backend.java())) {
            return reader.snapshot();
        }
    }

    private static ProcessSnapshot process(NodeSnapshot node, int pid) {
        return Child.find(node, pid).orElseThrow();
    }

    private Reading<Long> hostNamespace(NamespaceType type) throws IOException {
        return read().facts().hostNamespace(type);
    }

    @Test
    void hostNamespacesAreThoseOfPidOneOnANodeThatIsItselfAContainer() throws IOException {
        tree.process(1).namespace("pid", 4026532777L).namespace("net", 4026532778L);
        tree.process(2).namespace("pid", 4026532777L);
        assertThat(hostNamespace(NamespaceType.PID)).isEqualTo(Reading.of(4026532777L));
        assertThat(hostNamespace(NamespaceType.NET)).isEqualTo(Reading.of(4026532778L));
    }

    @Test
    void hostNamespacesAreTheConstantsWherePidOneIsMissing() throws IOException {
        tree.process(2).file("stat", KTHREADD).namespace("net", 4026531833L);
        assertThat(hostNamespace(NamespaceType.PID)).isEqualTo(Reading.of(4026531836L));
        assertThat(hostNamespace(NamespaceType.NET)).isEqualTo(Reading.of(4026531833L));
        assertThat(hostNamespace(NamespaceType.MNT))
                .isEqualTo(new Reading.Unreadable<>("/proc/1/ns/mnt", "not in this tree"));
    }

    @Test
    void hostNamespacesAreNotTheConstantsWherePidTwoIsAnOrdinaryProcess() throws IOException {
        tree.process(2).namespace("pid", 4026532777L);
        assertThat(hostNamespace(NamespaceType.PID))
                .isEqualTo(new Reading.Unreadable<>("/proc/1/ns/pid", "not in this tree"));
    }

    @Test
    void capabilityCeilingIsThatOfAllDaemonsTogether() throws IOException {
        tree.process(1).namespace("mnt", 5).namespace("user", 6);
        daemon(10, "/usr/bin/containerd", 0x0f);
        daemon(11, "/usr/bin/dockerd (deleted)", 0xf0);
        assertThat(read().facts().capabilityCeiling()).isEqualTo(Reading.of(new CapabilitySet(0xff)));
    }

    @Test
    void programThatOnlyCallsItselfADaemonDoesNotRaiseTheCeiling() throws IOException {
        tree.process(1).namespace("mnt", 5).namespace("user", 6);
        daemon(10, "/usr/bin/containerd", 0x0f);
        daemon(11, "/tmp/containerd", 0xff00).namespace("mnt", 77);
        daemon(12, "/tmp/containerd", 0xff00).namespace("user", 77);
        daemon(13, "/usr/bin/containerd-shim", 0xff00);
        assertThat(read().facts().capabilityCeiling()).isEqualTo(Reading.of(new CapabilitySet(0x0f)));
    }

    @Test
    void capabilityCeilingIsPidOnesWithoutADaemon() throws IOException {
        tree.process(1).namespace("mnt", 5);
        assertThat(read().facts().capabilityCeiling()).isEqualTo(Reading.of(new CapabilitySet(0xa80425fbL)));
    }

    @Test
    void capabilityCeilingIsNotGuessed() throws IOException {
        tree.process(7);
        assertThat(read().facts().capabilityCeiling())
                .isEqualTo(new Reading.Unreadable<>("/proc/1/status", "not in this tree"));
    }

    private ProcFixture.ProcessDirectory daemon(int pid, String executable, long bounding) {
        String status = ProcFixture.model("status")
                .replace("CapBnd:\t00000000a80425fb", "CapBnd:\t" + new CapabilitySet(bounding));
        return tree.process(pid)
                .file("status", status)
                .link("exe", executable)
                .namespace("mnt", 5)
                .namespace("user", 6);
    }

    @Test
    void cgroupLayoutIsToldByWhereTheControllersAre() throws IOException {
        tree.process(1).file("cgroup", "0::/init.scope\n");
        assertThat(read().facts().cgroupLayout()).isEqualTo(CgroupLayout.V2);
        tree.process(1).file("cgroup", "1:name=systemd:/init.scope\n0::/init.scope\n");
        assertThat(read().facts().cgroupLayout()).isEqualTo(CgroupLayout.V2);
        tree.process(1).file("cgroup", "2:memory:/\n1:name=systemd:/init.scope\n0::/init.scope\n");
        assertThat(read().facts().cgroupLayout()).isEqualTo(CgroupLayout.HYBRID);
        tree.process(1).file("cgroup", "2:memory:/\n1:name=systemd:/init.scope\n");
        assertThat(read().facts().cgroupLayout()).isEqualTo(CgroupLayout.V1);
        tree.process(1).without("cgroup");
        assertThat(read().facts().cgroupLayout()).isEqualTo(CgroupLayout.UNKNOWN);
    }

    @Test
    void nodeBaseIsWhereTheNodesInitIs() throws IOException {
        tree.process(1).file("cgroup", "0::/init.scope\n");
        assertThat(read().facts().nodeBase()).isEqualTo("/");
        tree.process(1).file("cgroup", "0::/docker/4cff/init.scope\n");
        assertThat(read().facts().nodeBase()).isEqualTo("/docker/4cff");
        tree.process(1).file("cgroup", "2:memory:/x\n1:name=systemd:/kind/init.scope\n0::/\n");
        assertThat(read().facts().nodeBase()).isEqualTo("/kind");
        tree.process(1).without("cgroup");
        assertThat(read().facts().nodeBase()).isEqualTo("/");
    }

    /** A process that has called chroot sees no mount at {@code /}: its namespace is asked through another. */
    @Test
    void tableOfANamespaceIsNotTakenFromAProcessInAChroot() throws IOException {
        tree.process(7)
                .link("root", "/jail")
                .file("mountinfo", "9 8 0:1 / /tmp rw - tmpfs t rw\n")
                .namespace("mnt", 5);
        tree.process(8).namespace("mnt", 5);
        NodeSnapshot node = read();
        assertThat(Parsed.value(process(node, 7).mounts()).at("/").map(Mount::fileSystemType))
                .hasValue("overlay");
        assertThat(process(node, 7).mounts()).isEqualTo(process(node, 8).mounts());
    }

    @Test
    void tableIsItsOwnAndSaysFromWhereItIsSeenWhereAllOfTheNamespaceAreInAChroot() throws IOException {
        tree.process(7)
                .link("root", "/jail")
                .file("mountinfo", "8 7 0:2 / / rw - ext4 d rw\n9 8 0:1 / /tmp rw - tmpfs t rw\n")
                .namespace("mnt", 5);
        MountTable table = Parsed.value(process(read(), 7).mounts());
        assertThat(table.root()).isEqualTo("/jail");
        assertThat(table.mounts()).extracting(Mount::mountPoint).containsExactly("/jail", "/jail/tmp");
        assertThat(table.at("/jail/tmp").map(Mount::line)).hasValue("9 8 0:1 / /tmp rw - tmpfs t rw");
    }

    @Test
    void tableIsItsOwnWhereTheNamespaceHasNoName() throws IOException {
        tree.process(7).file("mountinfo", "9 8 0:1 / / rw - tmpfs t rw\n");
        tree.process(8);
        NodeSnapshot node = read();
        assertThat(Parsed.value(process(node, 7).mounts()).mounts()).hasSize(1);
        assertThat(Parsed.value(process(node, 8).mounts()).mounts()).hasSizeGreaterThan(1);
    }

    /** Trap 22: a leader that has ended must not hide the process. */
    @Test
    void processIsReadThroughALivingThreadWhereTheLeaderHasEnded() throws IOException {
        BackendsAgreeTest.deadLeader(tree.process(24), 24, 25);
        ProcessSnapshot process = process(read(), 24);
        assertThat(process.key()).isEqualTo(new ProcessKey(24, 124));
        assertThat(process.state()).isEqualTo('S');
        assertThat(process.isZombie()).isFalse();
        assertThat(process.executable()).isEqualTo(Reading.of("/bin/hidden"));
        assertThat(process.commandLine().arguments()).containsExactly("thread");
        assertThat(process.namespaces().inode(NamespaceType.MNT)).isEqualTo(Reading.of(77L));
        assertThat(process.namespaces().inode(NamespaceType.PID))
                .isEqualTo(new Reading.Absent<>("/proc/24/task/25/ns/pid"));
        assertThat(Parsed.value(process.cgroup()).lines().get(0).path()).isEqualTo("/of/the/thread");
        assertThat(process.mounts().observed()).isPresent();
        assertThat(process.credentials().observed()).isPresent();
    }

    /** Trap 22: capabilities, no_new_privs and seccomp belong to each thread. */
    @Test
    void threadsThatDifferFromTheirLeaderAreListed() throws IOException {
        String status = ProcFixture.model("status");
        tree.process(7)
                .file("stat", ProcFixture.stat(7, "x", 'S', 4))
                .file("status", status.replace("Threads:\t1", "Threads:\t4"))
                .file("task/7/status", status)
                .file("task/8/status", status)
                .file("task/9/status", status.replace("NoNewPrivs:\t0", "NoNewPrivs:\t1"))
                .file("task/10/status", status.replace("CapEff:\t00000000a80425fb", "CapEff:\t0000000000000000"));
        List<ThreadSnapshot> threads = Parsed.value(process(read(), 7).threads());
        assertThat(threads).extracting(ThreadSnapshot::tid).containsExactly(9, 10);
        assertThat(threads.get(0).credentials().noNewPrivileges()).hasValue(true);
        assertThat(threads.get(1).credentials().effective()).isEqualTo(CapabilitySet.NONE);
    }

    /** The kernel moves the thread that asks, and no other. */
    @Test
    void threadsThatAreElsewhereThanTheirLeaderAreListed() throws IOException {
        String status = ProcFixture.model("status");
        tree.process(7)
                .file("stat", ProcFixture.stat(7, "x", 'S', 5))
                .file("status", status.replace("Threads:\t1", "Threads:\t5"))
                .namespace("mnt", 5)
                .namespace("net", 6)
                .namespace("user", 4)
                .file("task/8/status", status)
                .link("task/8/ns/mnt", "mnt:[5]")
                .link("task/8/ns/net", "net:[6]")
                .file("task/9/status", status)
                .link("task/9/ns/mnt", "mnt:[50]")
                .link("task/9/ns/net", "net:[6]")
                .file("task/10/status", status)
                .link("task/10/ns/net", "none of these")
                .file("task/11/status", status)
                .link("task/11/ns/user", "user:[40]");
        ProcessSnapshot process = process(read(), 7);
        List<ThreadSnapshot> threads = Parsed.value(process.threads());
        assertThat(threads).extracting(ThreadSnapshot::tid).containsExactly(9, 10);
        assertThat(Reading.of(threads.get(0).credentials())).isEqualTo(process.credentials());
        assertThat(threads.get(0).namespaces().inode(NamespaceType.MNT)).isEqualTo(Reading.of(50L));
        assertThat(threads.get(0).namespaces().inode(NamespaceType.USER)).isEqualTo(Reading.of(4L));
        assertThat(threads.get(1).namespaces().inode(NamespaceType.MNT))
                .isEqualTo(new Reading.Absent<>("/proc/7/task/10/ns/mnt"));
        assertThat(process.threadsElsewhere(NamespaceType.MNT))
                .extracting(ThreadSnapshot::tid)
                .containsExactly(9);
        assertThat(process.threadsElsewhere(NamespaceType.NET))
                .extracting(ThreadSnapshot::tid)
                .containsExactly(10);
        assertThat(process.threadsElsewhere(NamespaceType.USER)).isEmpty();
    }

    @Test
    void threadThatCannotBeReadMakesTheThreadsUnreadable() throws IOException {
        tree.process(7)
                .file("stat", ProcFixture.stat(7, "x", 'S', 2))
                .file("status", ProcFixture.model("status").replace("Threads:\t1", "Threads:\t2"))
                .file("task/8/status", "Gid:\t0\t0\t0\t0\n");
        assertThat(process(read(), 7).threads())
                .isEqualTo(new Reading.Unreadable<>("/proc/7/task/8/status", "no Uid: line"));
    }

    /** Trap 11: AppArmor's own file first; where it has none, whichever module answers. */
    @Test
    void labelIsAppArmorsWhereItAnswers() throws IOException {
        tree.process(7).file("attr/apparmor/current", "x (enforce)\n").file("attr/current", "system_u:x:y:s0\0");
        tree.process(8).file("attr/current", "system_u:system_r:container_t:s0:c1,c2\0");
        tree.process(9);
        NodeSnapshot node = read();
        assertThat(process(node, 7).label()).isEqualTo(Reading.of("x (enforce)"));
        assertThat(process(node, 8).label()).isEqualTo(Reading.of("system_u:system_r:container_t:s0:c1,c2"));
        assertThat(process(node, 9).label()).isEqualTo(new Reading.Absent<>("/proc/9/attr/current"));
        assertThat(node.facts().appArmor()).isEqualTo(Reading.of(true));
    }

    @Test
    void treeWithoutAttrDoesNotTellWhetherAModuleIsInForce() throws IOException {
        tree.process(7);
        assertThat(read().facts().appArmor())
                .isEqualTo(new Reading.Unreadable<>("/sys/module/apparmor/parameters/enabled", "not in this tree"));
    }

    /** Numbers of file systems without a disk are used again: the table of before would name another one's files. */
    @Test
    void nodesOwnMountsAreReadAgainBesideAContainerThatStartedSince() throws IOException {
        String root = "8 7 0:2 / / rw - ext4 d rw\n";
        tree.process(1).namespace("mnt", 5).file("mountinfo", root + "9 8 0:50 / /old rw - tmpfs t rw\n");
        try (NodeReader reader = NodeReader.open(ProcRoot.at(tree.proc()), Backend.java())) {
            assertThat(hostMountAt(reader.snapshot(), "/old")).isPresent();
            tree.process(1).namespace("mnt", 5).file("mountinfo", root + "9 8 0:50 / /new rw - tmpfs t rw\n");
            tree.process(7).namespace("mnt", 6).file("mountinfo", "20 19 0:50 / / rw - tmpfs t rw\n");
            NodeSnapshot later = reader.snapshotAfter(Set.of(7)).orElseThrow();
            assertThat(hostMountAt(later, "/old")).isEmpty();
            assertThat(hostMountAt(later, "/new")).map(Mount::device).hasValue("0:50");
            assertThat(Parsed.value(process(later, 7).mounts()).at("/")).isPresent();
        }
    }

    private static Optional<Mount> hostMountAt(NodeSnapshot node, String path) {
        return Parsed.value(node.facts().hostMounts()).at(path);
    }

    @Test
    void processWithoutStartTimeIsNoneButIsToldOf() throws IOException {
        tree.process(7);
        tree.process(8).file("stat", "8 (cut");
        tree.process(9).without("stat");
        NodeSnapshot node = read();
        assertThat(node.processes()).extracting(ProcessSnapshot::pid).containsExactly(7);
        assertThat(node.unreadable())
                .containsExactly(
                        new Reading.Unreadable<>("/proc/8/stat", "not in the form of proc(5)"),
                        new Reading.Unreadable<>("/proc/9/stat", "ENOENT"));
    }

    @Test
    void filesThatAreNoPlainFilesAreNotFollowed() throws IOException {
        Path elsewhere = Files.writeString(tree.proc().resolve("elsewhere"), "0::/forged\n");
        tree.process(7).without("cgroup").link("cgroup", elsewhere.toString());
        assertThat(process(read(), 7).cgroup()).isEqualTo(new Reading.Unreadable<>("/proc/7/cgroup", "ELOOP"));
    }

    @Test
    void factsThatAreMissingAreAbsentAndNotThoseOfThisMachine() throws IOException {
        tree.process(7);
        NodeSnapshot node = read();
        assertThat(node.facts().kernelRelease()).isEmpty();
        assertThat(node.facts().bootTime()).isEqualTo(new Reading.Absent<>("/proc/stat"));
        assertThat(node.facts().uptime()).isEqualTo(new Reading.Absent<>("/proc/uptime"));
        assertThat(node.facts().lastCapability()).isEqualTo(new Reading.Absent<>("/proc/sys/kernel/cap_last_cap"));
        assertThat(node.facts().hostMounts())
                .isEqualTo(new Reading.Unreadable<>("/proc/1/mountinfo", "not in this tree"));
        assertThat(node.facts().takenAt()).isEqualTo(java.time.Instant.EPOCH);
        assertThat(node.facts().ticksPerSecond()).isEqualTo(100);
    }
}
