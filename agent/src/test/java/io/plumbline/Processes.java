package io.plumbline;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CommandLine;
import io.plumbline.model.Credentials;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.Evidence;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.IdMap;
import io.plumbline.model.Ids;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceSet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A process for tests. As long as nothing else is said, each reading is what the kernel shows of a container's first process under
 * containerd's defaults, an hour after the node's boot.
 */
public final class Processes {

    /** What containerd gives unasked. */
    public static final CapabilitySet DEFAULT_CAPABILITIES = new CapabilitySet(0xa80425fbL);

    /** What a privileged container gets: all that this node's init has. */
    public static final CapabilitySet ALL_CAPABILITIES = new CapabilitySet(0x1ffffffffffL);

    private static final long FIRST_INODE = 4026540000L;

    private final int pid;
    private final Map<NamespaceType, Reading<Long>> namespaces = new EnumMap<>(NamespaceType.class);
    private final List<ThreadSnapshot> threads = new ArrayList<>();
    private int parent = 1;
    private char state = 'S';
    private boolean kernelThread;
    private String comm = "app";
    private List<String> arguments = List.of("/bin/app");
    private Duration age = Duration.ofMinutes(50);
    private Ids uids = new Ids(0, 0, 0, 0);
    private Ids gids = new Ids(0, 0, 0, 0);
    private List<Long> groups = List.of();
    private CapabilitySet bounding = DEFAULT_CAPABILITIES;
    private CapabilitySet permitted = DEFAULT_CAPABILITIES;
    private CapabilitySet ambient = CapabilitySet.NONE;
    private boolean noNewPrivileges;
    private int seccomp = 2;
    private Optional<Reading<Credentials>> credentials = Optional.empty();
    private List<Integer> nsPids;
    private Reading<CgroupMembership> cgroup = Reading.of(new CgroupMembership(List.of()));
    private Reading<String> executable = Reading.of("/bin/app");
    private Reading<ExecutableOrigin> origin = Reading.of(new ExecutableOrigin(ExecutableOrigin.Kind.IMAGE, "/"));
    private final List<DirectoryElsewhere> directories = new ArrayList<>();
    private Reading<String> label = Reading.of("cri-containerd.apparmor.d (enforce)");
    private Reading<IdMap> ids = Reading.of(new IdMap(List.of(new IdMap.Range(0, 0, 4294967295L))));
    private Reading<MountTable> mounts = Reading.of(Mounts.ofContainer().table());
    private Optional<Reading<List<ThreadSnapshot>>> threadReading = Optional.empty();

    private Processes(int pid) {
        this.pid = pid;
        this.nsPids = List.of(pid, 1);
        long inode = FIRST_INODE + 100L * pid;
        for (NamespaceType type : NamespaceType.values()) {
            namespaces.put(type, Reading.of(inode++));
        }
        host(NamespaceType.USER);
    }

    /** A container's first process, in no cgroup yet. */
    public static Processes process(int pid) {
        return new Processes(pid);
    }

    /** The first process of a container of a pod, where the cgroupfs driver puts it on cgroup v2. */
    public static Processes of(int pid, String pod, String container) {
        return process(pid).cgroup("/kubepods/burstable/pod" + Pods.uid(pod) + "/" + Pods.containerId(pod, container));
    }

    /** The sandbox of a pod. */
    public static Processes sandbox(int pid, String pod) {
        return of(pid, pod, "sandbox").program("/pause").label("unconfined").age(Duration.ofMinutes(55));
    }

    /** A process of the node itself. */
    public static Processes ofHost(int pid) {
        return process(pid)
                .cgroup("/system.slice/some.service")
                .host(NamespaceType.values())
                .program("/usr/sbin/daemon")
                .capabilities(ALL_CAPABILITIES)
                .label("unconfined")
                .seccomp(0)
                .origin(new Reading.Absent<>("/proc/" + pid + "/exe"))
                .mounts(Mounts.ofHost())
                .nsPids(pid);
    }

    public int pid() {
        return pid;
    }

    public Processes parent(int other) {
        parent = other;
        return this;
    }

    public Processes state(char letter) {
        state = letter;
        return this;
    }

    public Processes kernelThread() {
        kernelThread = true;
        return this;
    }

    public Processes comm(String name) {
        comm = name;
        return this;
    }

    public Processes arguments(String... words) {
        arguments = List.of(words);
        return this;
    }

    /** File, command line and name of the process. */
    public Processes program(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return executable(Reading.of(path)).arguments(path).comm(name.substring(0, Math.min(15, name.length())));
    }

    public Processes executable(Reading<String> link) {
        executable = link;
        return this;
    }

    public Processes origin(ExecutableOrigin.Kind kind, String evidence) {
        return origin(Reading.of(new ExecutableOrigin(kind, evidence)));
    }

    public Processes origin(Reading<ExecutableOrigin> reading) {
        origin = reading;
        return this;
    }

    /** Its root or working directory is in this mount namespace. */
    public Processes directory(String link, String path, long namespace) {
        Evidence mount = new Evidence(
                "/proc/1/mountinfo",
                Mounts.ofHost().table().at("/").orElseThrow().line());
        directories.add(new DirectoryElsewhere(link, path, namespace, Optional.of(mount)));
        return this;
    }

    public Processes age(Duration since) {
        age = since;
        return this;
    }

    public Processes uid(long uid) {
        return uids(uid, uid, uid, uid);
    }

    /** Real, effective, saved and file system uid, as the host sees them. */
    public Processes uids(long real, long effective, long saved, long fileSystem) {
        uids = new Ids(real, effective, saved, fileSystem);
        return this;
    }

    public Processes gid(long gid) {
        gids = new Ids(gid, gid, gid, gid);
        return this;
    }

    public Processes groups(long... all) {
        groups = LongStream.of(all).boxed().toList();
        return this;
    }

    /** The same set as bounding and permitted one. */
    public Processes capabilities(CapabilitySet set) {
        bounding = set;
        permitted = set;
        return this;
    }

    public Processes bounding(CapabilitySet set) {
        bounding = set;
        return this;
    }

    public Processes permitted(CapabilitySet set) {
        permitted = set;
        return this;
    }

    public Processes ambient(CapabilitySet set) {
        ambient = set;
        return this;
    }

    public Processes noNewPrivileges() {
        noNewPrivileges = true;
        return this;
    }

    public Processes seccomp(int mode) {
        seccomp = mode;
        return this;
    }

    /** The kernel refuses the file {@code status}. */
    public Processes credentialsUnreadable(String errno) {
        credentials = Optional.of(new Reading.Unreadable<>("/proc/" + pid + "/status", errno));
        return this;
    }

    /** A kernel that does not print {@code NoNewPrivs} and {@code Seccomp}. */
    public Processes withoutNewFields() {
        Credentials all = credentials();
        credentials = Optional.of(Reading.of(new Credentials(
                all.uids(),
                all.gids(),
                all.groups(),
                all.inheritable(),
                all.permitted(),
                all.effective(),
                all.bounding(),
                all.ambient(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
        return this;
    }

    /** Another thread, with the credentials and namespaces of this process. */
    public Processes thread(int tid, Processes like) {
        threads.add(new ThreadSnapshot(tid, like.credentials(), new NamespaceSet(like.namespaces)));
        return this;
    }

    /** Another thread, in this namespace; all else is as the process has it by now. */
    public Processes threadIn(int tid, NamespaceType type, Reading<Long> reading) {
        Map<NamespaceType, Reading<Long>> elsewhere = new EnumMap<>(namespaces);
        elsewhere.put(type, reading);
        threads.add(new ThreadSnapshot(tid, credentials(), new NamespaceSet(elsewhere)));
        return this;
    }

    public Processes threads(Reading<List<ThreadSnapshot>> reading) {
        threadReading = Optional.of(reading);
        return this;
    }

    public Processes nsPids(int... pids) {
        nsPids = IntStream.of(pids).boxed().toList();
        return this;
    }

    /** Where it is on cgroup v2. */
    public Processes cgroup(String path) {
        return cgroupLines("0::" + path);
    }

    /** The whole file, line by line. */
    public Processes cgroupLines(String... lines) {
        cgroup = Reading.of(new CgroupMembership(Arrays.stream(lines)
                .map(line -> line.split(":", 3))
                .map(fields -> new CgroupMembership.Line(
                        Integer.parseInt(fields[0]),
                        fields[1].isEmpty() ? List.of() : List.of(fields[1].split(",", -1)),
                        fields[2]))
                .toList()));
        return this;
    }

    public Processes cgroup(Reading<CgroupMembership> reading) {
        cgroup = reading;
        return this;
    }

    /** In the host's namespaces of these kinds. */
    public Processes host(NamespaceType... types) {
        for (NamespaceType type : types) {
            namespaces.put(type, Reading.of(Nodes.hostNamespace(type)));
        }
        return this;
    }

    /** In the namespaces of another process. */
    public Processes joins(Processes other, NamespaceType... types) {
        for (NamespaceType type : types) {
            namespaces.put(type, other.namespaces.get(type));
        }
        return this;
    }

    /** In what a pod's containers have from their sandbox. */
    public Processes inPodOf(Processes sandbox) {
        return joins(sandbox, NamespaceType.NET, NamespaceType.IPC, NamespaceType.UTS, NamespaceType.USER);
    }

    /** In all namespaces of another process of the container. */
    public Processes besides(Processes other) {
        return joins(other, NamespaceType.values()).nsPids(pid, pid % 1000 + 2);
    }

    public Processes namespace(NamespaceType type, Reading<Long> reading) {
        namespaces.put(type, reading);
        return this;
    }

    public Optional<Long> inode(NamespaceType type) {
        return namespaces.getOrDefault(type, new Reading.Absent<>("")).observed();
    }

    /** In a user namespace of its own, where these ids of the host are {@code 0} and so on. */
    public Processes userNamespace(long firstOutside, long count) {
        namespaces.put(NamespaceType.USER, Reading.of(FIRST_INODE + 100L * pid + 50));
        ids = Reading.of(new IdMap(List.of(new IdMap.Range(0, firstOutside, count))));
        return this;
    }

    public Processes idMaps(Reading<IdMap> reading) {
        ids = reading;
        return this;
    }

    public Processes label(String text) {
        return label(Reading.of(text));
    }

    public Processes label(Reading<String> reading) {
        label = reading;
        return this;
    }

    public Processes mounts(Mounts table) {
        return mounts(Reading.of(table.table()));
    }

    public Processes mounts(Reading<MountTable> reading) {
        mounts = reading;
        return this;
    }

    private Credentials credentials() {
        return new Credentials(
                uids,
                gids,
                groups,
                CapabilitySet.NONE,
                permitted,
                permitted,
                bounding,
                ambient,
                Optional.of(noNewPrivileges),
                Optional.of(seccomp),
                Optional.of(seccomp == 2 ? 1 : 0));
    }

    /** @param uptime of the node */
    ProcessSnapshot snapshot(Duration uptime) {
        long startTicks = Math.max(1, uptime.minus(age).toMillis() / 10);
        return new ProcessSnapshot(
                new ProcessKey(pid, startTicks),
                parent,
                state,
                kernelThread,
                comm,
                new CommandLine(arguments, false),
                credentials.orElseGet(() -> Reading.of(credentials())),
                threadReading.orElseGet(() -> Reading.of(threads)),
                Reading.of(nsPids),
                cgroup,
                new NamespaceSet(namespaces),
                executable,
                origin,
                directories,
                label,
                ids,
                ids,
                mounts);
    }
}
