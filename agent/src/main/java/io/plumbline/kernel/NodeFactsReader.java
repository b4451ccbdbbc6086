package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Posix;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.Credentials;
import io.plumbline.model.Evidence;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeFacts.CgroupLayout;
import io.plumbline.model.NodeFacts.Reader;
import io.plumbline.model.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds what holds for the whole node, from the tree, from the host's root, and from the processes that were read. */
final class NodeFactsReader {

    /** Daemons that make containers: a privileged one gets what its daemon has. */
    private static final List<String> RUNTIME_DAEMONS = List.of("containerd", "dockerd", "crio");

    /** What runtimes mask or make read-only, of the default lists of containerd, CRI-O, Docker and podman. */
    private static final List<String> MASKABLE_IN_PROC = List.of(
            "acpi",
            "asound",
            "bus",
            "fs",
            "interrupts",
            "irq",
            "kcore",
            "keys",
            "latency_stats",
            "sched_debug",
            "scsi",
            "sys",
            "sysrq-trigger",
            "timer_list",
            "timer_stats");

    private static final List<String> MASKABLE_IN_SYS =
            List.of("/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux");

    private static final String CPUS = "/sys/devices/system/cpu";

    private final ProcTree tree;
    private final HostRoot host;
    private final List<ProcessRecord> processes;
    private final NamespaceTables tables;

    NodeFactsReader(ProcTree tree, HostRoot host, List<ProcessRecord> processes, NamespaceTables tables) {
        this.tree = tree;
        this.host = host;
        this.processes = processes;
        this.tables = tables;
    }

    NodeFacts read(Map<NamespaceType, Reading<Long>> hostNamespaces, long ticksPerSecond, Reader reader) {
        Reading<Instant> bootTime = ProcTree.flatMap(tree.file("stat"), ProcStatFile::bootTime);
        Reading<Duration> uptime = ProcTree.flatMap(tree.file("uptime"), UptimeFile::parse);
        Optional<Long> mountNamespace = namespace(hostNamespaces, NamespaceType.MNT);
        AppArmorFs appArmorFs = new AppArmorFs(host);
        Reading<Boolean> appArmor = appArmor(appArmorFs);
        return new NodeFacts(
                takenAt(bootTime, uptime),
                tree.file("sys/kernel/osrelease")
                        .map(content -> content.text().strip())
                        .observed()
                        .orElse(""),
                bootTime,
                uptime,
                ticksPerSecond,
                ProcTree.flatMap(tree.file("sys/kernel/cap_last_cap"), CapLastCap::parse),
                hostNamespaces,
                capabilityCeiling(mountNamespace, namespace(hostNamespaces, NamespaceType.USER)),
                cgroupLayout(),
                appArmor,
                shownOff(appArmorFs, appArmor),
                appArmorFs.profiles(appArmor),
                seLinux(),
                hostMounts(mountNamespace),
                ProcTree.flatMap(tree.file("sys/net/ipv4/ip_local_port_range"), IpLocalPortRange::parse),
                maskablePaths(),
                nodeBase(),
                reader);
    }

    /**
     * The same node a moment later: the clock is read, and the node's own mounts.
     *
     * <p>The mounts, because a file system without a disk has a number that another one had before: joined with an old table, the volume of
     * a container that started just now would be whatever of the node had that number then.
     */
    NodeFacts later(NodeFacts before) {
        Reading<Duration> uptime = ProcTree.flatMap(tree.file("uptime"), UptimeFile::parse);
        Reading<MountTable> mounts = hostMounts(namespace(before.hostNamespaces(), NamespaceType.MNT));
        return before.at(takenAt(before.bootTime(), uptime), uptime, mounts);
    }

    /**
     * The same node some seconds later: beside clock and mounts AppArmor is asked again, because profiles are loaded and removed while the
     * node works. Where it is off it stays so until the next boot.
     */
    NodeFacts soon(NodeFacts before, String backend) {
        NodeFacts now = later(before);
        if (before.appArmor().equals(Reading.of(false))) {
            return now.at(
                    now.takenAt(),
                    now.uptime(),
                    now.hostMounts(),
                    before.appArmor(),
                    before.appArmorShown(),
                    before.appArmorProfiles(),
                    before.reader().by(backend));
        }
        AppArmorFs appArmorFs = new AppArmorFs(host);
        Reading<Boolean> appArmor = appArmor(appArmorFs);
        return now.at(
                now.takenAt(),
                now.uptime(),
                now.hostMounts(),
                appArmor,
                shownOff(appArmorFs, appArmor),
                appArmorFs.profiles(appArmor),
                before.reader().by(backend));
    }

    private List<Evidence> shownOff(AppArmorFs appArmorFs, Reading<Boolean> appArmor) {
        return appArmor.equals(Reading.of(false))
                ? appArmorFs.shownOff().or(this::unlabelled).stream().toList()
                : List.of();
    }

    private Instant takenAt(Reading<Instant> bootTime, Reading<Duration> uptime) {
        Optional<Instant> boot = bootTime.observed();
        Optional<Duration> since = uptime.observed();
        if (boot.isPresent() && since.isPresent()) {
            return boot.get().plus(since.get());
        }
        // procfs mounted with subset=pid has neither. Of a captured tree nobody can say.
        return tree.isLive() ? Instant.now() : Instant.EPOCH;
    }

    /**
     * The namespaces of the node's own processes: those of pid 1, which on a node that is itself a container are not the machine's first.
     * Where pid 1 cannot be asked, the constants of the kernel and kthreadd, which never leaves the first ones; but not if pid 2 is
     * an ordinary process, because then this is not the first pid namespace.
     */
    static Map<NamespaceType, Reading<Long>> hostNamespaces(ProcTree tree) {
        Map<NamespaceType, Reading<Long>> inodes = new EnumMap<>(NamespaceType.class);
        Reading<Boolean> kthreadd =
                ProcTree.flatMap(tree.file("2/stat"), StatFile::parse).map(StatFile::isKernelThread);
        boolean isFirst = kthreadd.observed().orElse(kthreadd instanceof Reading.Absent<Boolean>);
        for (NamespaceType type : NamespaceType.values()) {
            Reading<Long> inode = namespaceOf(tree, 1, type);
            if (!(inode instanceof Reading.Observed<Long>) && isFirst) {
                Reading<Long> second = namespaceOf(tree, 2, type);
                Optional<Long> found = second.observed().or(type::initialInode);
                inode = found.isPresent() ? Reading.of(found.get()) : inode;
            }
            inodes.put(type, tree.isLive() ? inode : notInTree(inode));
        }
        return inodes;
    }

    /** In a captured tree a missing file says that nobody captured it. */
    private static <T> Reading<T> notInTree(Reading<T> reading) {
        return reading instanceof Reading.Absent<T> absent
                ? new Reading.Unreadable<>(absent.source(), HostRoot.NOT_HERE)
                : reading;
    }

    private static Reading<Long> namespaceOf(ProcTree tree, int pid, NamespaceType type) {
        return ProcTree.flatMap(tree.link(pid + "/ns/" + type.link()), link -> NamespaceLinks.parse(type, link));
    }

    private static Optional<Long> namespace(Map<NamespaceType, Reading<Long>> inodes, NamespaceType type) {
        Reading<Long> inode = inodes.get(type);
        return inode == null ? Optional.empty() : inode.observed();
    }

    /**
     * All that a privileged container can get. A daemon counts only in the host's mount and user namespaces: a workload may call its
     * program as it likes, but is not there.
     */
    private Reading<CapabilitySet> capabilityCeiling(Optional<Long> mounts, Optional<Long> users) {
        Optional<CapabilitySet> daemons = mounts.isEmpty() || users.isEmpty()
                ? Optional.empty()
                : tables.members(mounts.get()).stream()
                        .filter(process -> process.isIn(NamespaceType.USER, users.get()))
                        .filter(NodeFactsReader::runsDaemon)
                        .flatMap(process -> process.credentials().observed().stream())
                        .map(Credentials::bounding)
                        .reduce(CapabilitySet::union);
        if (daemons.isPresent()) {
            return Reading.of(daemons.get());
        }
        Reading<CapabilitySet> init = StatusFile.of(tree.file("1/status").map(StatusFile::parse))
                .credentials()
                .map(Credentials::bounding);
        return tree.isLive() ? init : notInTree(init);
    }

    /** Asked of every process of the host by every scan, so it makes nothing, not even an iterator. */
    private static boolean runsDaemon(ProcessRecord process) {
        if (!(process.executable() instanceof Reading.Observed<String> executable)) {
            return false;
        }
        String path = executable.value();
        // Upgraded while running.
        int end = path.length() - (path.endsWith(" (deleted)") ? " (deleted)".length() : 0);
        int start = path.lastIndexOf('/', end) + 1;
        for (int i = 0; i < RUNTIME_DAEMONS.size(); i++) {
            String daemon = RUNTIME_DAEMONS.get(i);
            if (daemon.length() == end - start && path.startsWith(daemon, start)) {
                return true;
            }
        }
        return false;
    }

    /** By the hierarchies that a process is in: controllers on v1, on v2, or on both. */
    private CgroupLayout cgroupLayout() {
        Optional<CgroupMembership> membership = cgroup(1)
                .or(() -> cgroup(2))
                .or(() -> processes.stream()
                        .flatMap(process -> process.cgroup().observed().stream())
                        .findFirst());
        if (membership.isEmpty() || membership.get().lines().isEmpty()) {
            return CgroupLayout.UNKNOWN;
        }
        boolean unified = membership.get().lines().stream().anyMatch(line -> line.hierarchy() == 0);
        boolean controllers = membership.get().lines().stream()
                .filter(line -> line.hierarchy() != 0)
                .flatMap(line -> line.controllers().stream())
                .anyMatch(controller -> !controller.startsWith("name="));
        if (!unified) {
            return CgroupLayout.V1;
        }
        return controllers ? CgroupLayout.HYBRID : CgroupLayout.V2;
    }

    private Optional<CgroupMembership> cgroup(int pid) {
        return ProcTree.flatMap(tree.file(pid + "/cgroup"), CgroupFile::parse).observed();
    }

    private String nodeBase() {
        List<CgroupMembership.Line> lines =
                cgroup(1).map(CgroupMembership::lines).orElse(List.of());
        String path = lines.stream()
                .filter(line -> line.controllers().contains("name=systemd"))
                .findFirst()
                .or(() -> lines.stream().filter(line -> line.hierarchy() == 0).findFirst())
                .or(() -> lines.stream().findFirst())
                .map(CgroupMembership.Line::path)
                .orElse("/");
        String base = path.endsWith("/init.scope") ? path.substring(0, path.length() - "/init.scope".length()) : path;
        return base.isEmpty() ? "/" : base;
    }

    /** The table that its processes are shown is read anyway; only where no process of it can be asked, that of pid 1. */
    private Reading<MountTable> hostMounts(Optional<Long> namespace) {
        Optional<Reading<MountTable>> shared = namespace.flatMap(tables::mountsOf);
        return shared.orElseGet(() -> {
            Reading<MountTable> init = mountInfo(1);
            if (init instanceof Reading.Observed<MountTable>) {
                return init;
            }
            Reading<MountTable> kthreadd = mountInfo(2);
            return kthreadd instanceof Reading.Observed<MountTable> ? kthreadd : tree.isLive() ? init : notInTree(init);
        });
    }

    private Reading<MountTable> mountInfo(int pid) {
        String source = "/proc/" + pid + "/mountinfo";
        int directory = tree.openProcess(pid);
        if (directory < 0) {
            return ProcTree.failed(source, directory);
        }
        try {
            return ProcTree.flatMap(tree.all(directory, "mountinfo", source), MountInfoFile::parse);
        } finally {
            tree.close(directory);
        }
    }

    /**
     * What the host's sysfs says; where it is not at hand, what the labels prove: only AppArmor answers in its own directory of
     * {@code attr}, and it labels every process.
     */
    private Reading<Boolean> appArmor(AppArmorFs appArmorFs) {
        Reading<Boolean> told = appArmorFs.enabled();
        if (told.observed().isPresent()) {
            return told;
        }
        boolean answers = processes.stream()
                .filter(process -> process.label().observed().isPresent())
                .anyMatch(process -> tree.file(process.pid() + "/attr/apparmor/current")
                        .observed()
                        .isPresent());
        return answers ? Reading.of(true) : withoutModule().orElse(told);
    }

    private Reading<Boolean> seLinux() {
        Reading<Boolean> told = SelinuxFs.enabled(host);
        return told.observed().isPresent() ? told : withoutModule().orElse(told);
    }

    /** Any module that labels processes labels all of them: if {@code attr} was captured and no label is there, none is in force. */
    private Optional<Reading<Boolean>> withoutModule() {
        boolean labels = processes.stream()
                .anyMatch(process -> process.label().observed().isPresent());
        return !labels && unlabelled().isPresent() ? Optional.of(Reading.of(false)) : Optional.empty();
    }

    /** A process that a module would have labelled. */
    private Optional<Evidence> unlabelled() {
        return processes.stream()
                .filter(process -> !process.kernelThread() && tree.exists(process.pid() + "/attr"))
                .map(process ->
                        new Evidence("/proc/" + process.pid() + "/attr/current", "no label, nor on any other process"))
                .findFirst();
    }

    private Set<String> maskablePaths() {
        Set<String> found = new HashSet<>();
        MASKABLE_IN_PROC.stream().filter(tree::exists).forEach(name -> found.add("/proc/" + name));
        MASKABLE_IN_SYS.stream().filter(host::exists).forEach(found::add);
        host.list(CPUS).observed().orElse(List.of()).stream()
                .map(cpu -> CPUS + "/" + cpu + "/thermal_throttle")
                .filter(host::exists)
                .forEach(found::add);
        return found;
    }

    /** Who looks, as the tree itself says. Of a captured tree that is nobody. */
    static Reader reader(ProcTree tree, String backend) {
        if (!tree.isLive()) {
            return new Reader(0, 0, CapabilitySet.NONE, backend);
        }
        long pid = tree.link("self")
                .observed()
                .map(link -> link.cursor().onlyDecimal(Integer.MAX_VALUE))
                .filter(number -> number != Cursor.NONE)
                .orElse(0L);
        Optional<Credentials> own = StatusFile.of(
                        tree.file("thread-self/status").map(StatusFile::parse))
                .credentials()
                .observed();
        return new Reader(
                (int) pid,
                own.map(credentials -> credentials.uids().effective()).orElseGet(() -> new Posix().effectiveUser()),
                own.map(Credentials::effective).orElse(CapabilitySet.NONE),
                backend);
    }

    /**
     * The files of processes that something is mounted over where the reader looks: that way whoever may mount on the node hides a process
     * from all who look there, without a trace in what is left to read.
     *
     * @param proc where the tree is mounted
     */
    static List<String> covered(ProcTree tree, String proc, NamespaceTables tables) {
        if (!tree.isLive()) {
            return List.of();
        }
        Reading<Long> own = ProcTree.flatMap(
                tree.link("thread-self/ns/mnt"), link -> NamespaceLinks.parse(NamespaceType.MNT, link));
        return own.observed()
                .flatMap(tables::mountsOf)
                .orElseGet(() -> ProcTree.flatMap(tree.whole("thread-self/mountinfo"), MountInfoFile::parse))
                .observed()
                .map(table -> table.mounts().stream()
                        .map(Mount::mountPoint)
                        .filter(point -> isOfProcess(point, proc))
                        .distinct()
                        .toList())
                .orElse(List.of());
    }

    private static boolean isOfProcess(String path, String proc) {
        int first = proc.length() + 1;
        return path.length() > first
                && path.startsWith(proc)
                && path.charAt(first - 1) == '/'
                && path.charAt(first) >= '0'
                && path.charAt(first) <= '9';
    }

    /**
     * What procfs hides from this reader by its mount options: then a process that is not listed may well be there.
     *
     * @param proc where the tree is mounted
     */
    static Optional<String> hidden(ProcTree tree, String proc, Reader reader) {
        boolean sees = reader.effective().contains(Capability.SYS_PTRACE) || tree.exists("1");
        return sees
                ? Optional.empty()
                : ProcTree.flatMap(tree.whole("thread-self/mountinfo"), MountInfoFile::parse)
                        .observed()
                        .flatMap(mounts -> mounts.at(proc))
                        .flatMap(mount -> mount.superOption("hidepid"));
    }
}
