package io.plumbline.kernel;

import io.plumbline.kernel.NativeScan.Iteration;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.kernel.bindings.Posix;
import io.plumbline.kernel.bindings.ProcScanner;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.IdMap;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.SortedLists;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Reads a node: its processes, their namespaces, and what holds for all.
 *
 * <p>Everything is read anew for each snapshot, but what the kernel's task iterator shows to be as it was. Between snapshots it keeps open
 * descriptors, and what it made of bytes that may be the same the next time. One thread at a time.
 */
public final class NodeReader implements AutoCloseable {

    /** Of every architecture that Kubernetes runs on; a captured tree must not take it from the machine that reads it. */
    private static final long USER_HZ = 100;

    /** errno(3) of a reader that has no descriptor left, of a whole machine that has none, of a kernel without memory. */
    private static final Set<String> OWN_SHORTAGE = Set.of("EMFILE", "ENFILE", "ENOMEM");

    /** A super block that is reconfigured without a mount point, fsconfig(2), changes tables and tells nobody. */
    private static final Duration TABLES_KEPT = Duration.ofMinutes(1);

    private final ProcRoot root;
    private final ProcTree tree;
    private final Scan scan;
    private final ParsedTables parsedTables = new ParsedTables();
    private final Snapshots snapshots = new Snapshots();
    private final Executables executables;
    private final HostRoot host;
    private final long ticksPerSecond;
    private final long effectiveUser;
    private Optional<Last> last = Optional.empty();

    private NodeReader(ProcRoot root, ProcTree tree, Scan scan) {
        this.root = root;
        this.tree = tree;
        this.scan = scan;
        this.host = hostRoot(root, tree);
        this.executables = new Executables(host);
        Posix posix = new Posix();
        this.ticksPerSecond = tree.isLive() ? posix.ticksPerSecond() : USER_HZ;
        this.effectiveUser = posix.effectiveUser();
    }

    /**
     * Opens a node.
     *
     * @throws IOException if the tree cannot be opened or names no process; its message names the path and what is wrong
     */
    public static NodeReader open(ProcRoot root) throws IOException {
        return open(root, NativeHelpers.find());
    }

    /**
     * The same, and every snapshot reads all, whatever the kernel could tell.
     *
     * @throws IOException as {@link #open(ProcRoot)}
     */
    public static NodeReader openWithoutIterator(ProcRoot root) throws IOException {
        return open(root, NativeHelpers.find(), false);
    }

    /**
     * The same with a given C library, or without one.
     *
     * @throws IOException as {@link #open(ProcRoot)}
     */
    public static NodeReader open(ProcRoot root, NativeHelpers helpers) throws IOException {
        return open(root, helpers, true);
    }

    private static NodeReader open(ProcRoot root, NativeHelpers helpers, boolean iterator) throws IOException {
        ProcTree tree = ProcTree.open(root.proc());
        JavaScan java = new JavaScan(tree, helpers.cause());
        if (!helpers.isAvailable()) {
            return new NodeReader(root, tree, java);
        }
        try {
            ProcScanner scanner = helpers.scanner(root.proc(), CmdlineFile.LIMIT);
            Iteration iteration = tree.isLive() ? Iteration.WHERE_POSSIBLE : Iteration.NONE;
            return new NodeReader(root, tree, new NativeScan(scanner, java, iterator ? iteration : Iteration.OFF));
        } catch (IOException e) {
            tree.close();
            throw e;
        }
    }

    /** Where the node's own files lie: as told; else for a live procfs {@code /} if it is the node's, or what pid 1 sees. */
    private static HostRoot hostRoot(ProcRoot root, ProcTree tree) {
        KernelFiles files = tree.files();
        if (root.hostRoot().isPresent()) {
            return new HostRoot(files, root.hostRoot().map(KernelFiles::byteString));
        }
        if (!tree.isLive()) {
            return new HostRoot(files, Optional.empty());
        }
        Reading<Long> own = ProcTree.flatMap(
                tree.link("thread-self/ns/mnt"), link -> NamespaceLinks.parse(NamespaceType.MNT, link));
        Reading<Long> hosts = NodeFactsReader.hostNamespaces(tree).get(NamespaceType.MNT);
        String initRoot = KernelFiles.byteString(root.proc()) + "/1/root";
        int init = own.equals(hosts) ? -1 : files.openDirectory(KernelFiles.NOWHERE, initRoot);
        if (init >= 0) {
            files.close(init);
            return new HostRoot(files, Optional.of(initRoot));
        }
        return new HostRoot(files, Optional.of("/"));
    }

    /** This is a running system's {@code /proc}, and no captured tree. */
    public boolean isLive() {
        return tree.isLive();
    }

    /**
     * Reads everything once.
     *
     * @throws IOException if the tree itself cannot be read any more; what concerns one process is said in its readings
     */
    public NodeSnapshot snapshot() throws IOException {
        Optional<Last> before = last;
        NodeSnapshot snapshot = snapshotOf(scan.readChanges());
        // Loading a profile changes the labels of processes that nothing else happens to.
        boolean labelsMayDiffer = before.isPresent()
                && !before.get()
                        .facts()
                        .appArmorProfiles()
                        .equals(snapshot.facts().appArmorProfiles());
        return labelsMayDiffer ? snapshotOf(scan.read()) : snapshot;
    }

    /**
     * The same, and nothing is taken for unchanged because the kernel shows no change.
     *
     * @throws IOException as {@link #snapshot()}
     */
    public NodeSnapshot wholeSnapshot() throws IOException {
        last = last.map(known -> known.withoutTables());
        return snapshotOf(scan.read());
    }

    private NodeSnapshot snapshotOf(Scan.Result read) throws IOException {
        refuseWhatWasNotLookedAt(read);
        Tables mounted = tables(read);
        NamespaceTables tables = mounted.tables();
        Map<NamespaceType, Reading<Long>> hostNamespaces = NodeFactsReader.hostNamespaces(tree);
        NodeFacts.Reader reader = NodeFactsReader.reader(tree, effectiveUser, scan.backend());
        NodeFacts facts =
                new NodeFactsReader(tree, host, read.processes(), tables).read(hostNamespaces, ticksPerSecond, reader);
        last = Optional.of(new Last(read.processes(), mounted, facts, unreadable(read, reader)));
        return put(last.get(), pid -> true, read.vanished());
    }

    /** Those of the last snapshot if no table has changed since; read all the same after a while. */
    private Tables tables(Scan.Result read) {
        long now = System.nanoTime();
        Optional<Tables> known = last.map(Last::tables)
                .filter(tables -> read.mountChanges().isPresent()
                        && read.mountChanges().equals(tables.changes())
                        && now - tables.readAt() < TABLES_KEPT.toNanos());
        if (known.isPresent()) {
            Tables before = known.get();
            return new Tables(
                    before.tables().withSameMounts(read.processes()), before.changes(), before.readAt(), true);
        }
        parsedTables.beginSnapshot();
        return new Tables(new NamespaceTables(tree, parsedTables, read.processes()), read.mountChanges(), now, false);
    }

    private List<Reading.Unreadable<ProcessKey>> unreadable(Scan.Result read, NodeFacts.Reader reader) {
        List<Reading.Unreadable<ProcessKey>> unreadable = new ArrayList<>(read.refused());
        NodeFactsReader.hidden(tree, root.proc().toString(), reader)
                .ifPresent(option -> unreadable.add(new Reading.Unreadable<>(
                        "/proc", "mounted with hidepid=" + option + ": processes of other users are not listed")));
        return unreadable;
    }

    /**
     * Reads some processes again, what they share with others of their namespaces, and the node's own mounts. The rest is as the last
     * snapshot had it, and so is what else holds for the whole node, but for the time.
     *
     * @param pids those that something happened to; who is not there any more is not in the snapshot either
     * @return empty where none of them is there, or was
     * @throws IOException if the tree itself cannot be read any more
     */
    public Optional<NodeSnapshot> snapshotAfter(Set<Integer> pids) throws IOException {
        if (last.isEmpty()) {
            return Optional.of(snapshot());
        }
        Last before = last.get();
        int[] asked = pids.stream().mapToInt(Integer::intValue).sorted().toArray();
        Scan.Result read = scan.read(Arrays.stream(asked).boxed().toList());
        refuseWhatWasNotLookedAt(read);
        List<ProcessRecord> unchanged = without(before.processes(), asked);
        if (read.processes().isEmpty() && unchanged.size() == before.processes().size()) {
            return Optional.empty();
        }
        List<ProcessRecord> all = new ArrayList<>(unchanged);
        all.addAll(read.processes());
        // Two that are sorted, one behind the other: next to nothing.
        all.sort(Comparator.comparingInt(ProcessRecord::pid));
        NamespaceTables tables = before.tables()
                .tables()
                .after(all, read.processes(), before.facts().hostNamespace(NamespaceType.MNT));
        Tables mounted =
                new Tables(tables, before.tables().changes(), before.tables().readAt(), false);
        Last now = new Last(
                all, mounted, new NodeFactsReader(tree, host, all, tables).later(before.facts()), before.unreadable());
        last = Optional.of(now);
        return Optional.of(put(now, pid -> Arrays.binarySearch(asked, pid) >= 0, read.vanished()));
    }

    /**
     * All but a few, the pieces between those as they are.
     *
     * @param pids ascending
     */
    private static List<ProcessRecord> without(List<ProcessRecord> processes, int[] pids) {
        List<ProcessRecord> others = new ArrayList<>(processes.size() + pids.length);
        int from = 0;
        for (int pid : pids) {
            int at = from
                    + SortedLists.firstNotBelow(processes.subList(from, processes.size()), ProcessRecord::pid, pid);
            others.addAll(processes.subList(from, at));
            from = at < processes.size() && processes.get(at).pid() == pid ? at + 1 : at;
        }
        others.addAll(processes.subList(from, processes.size()));
        return others;
    }

    /** @param isRead which of them were read just now */
    private NodeSnapshot put(Last now, IntPredicate isRead, int ended) {
        executables.beginSnapshot(
                now.facts().hostNamespace(NamespaceType.MNT), now.tables().tables()::mount);
        snapshots.begin(now.processes().size());
        NamespaceTables tables = now.tables().tables();
        int vanished = ended;
        for (ProcessRecord process : now.processes()) {
            if (!isRead.test(process.pid())) {
                snapshots.keep(process.pid());
                continue;
            }
            Reading<MountTable> mounts = tables.mounts(process);
            Reading<IdMap> uidMap = tables.uidMap(process);
            Reading<IdMap> gidMap = tables.gidMap(process);
            Optional<Reading<ExecutableOrigin>> origin =
                    now.tables().kept() ? snapshots.origin(process, mounts) : Optional.empty();
            if (ProcTree.hasEnded(mounts) || ProcTree.hasEnded(uidMap) || ProcTree.hasEnded(gidMap)) {
                vanished++;
            } else {
                snapshots.add(
                        process, origin.orElseGet(() -> executables.origin(process, mounts)), mounts, uidMap, gidMap);
            }
        }
        return new NodeSnapshot(now.facts(), snapshots.all(), vanished, now.unreadable());
    }

    /** What the next look goes on from. */
    private record Last(
            List<ProcessRecord> processes,
            Tables tables,
            NodeFacts facts,
            List<Reading.Unreadable<ProcessKey>> unreadable) {

        Last withoutTables() {
            return new Last(
                    processes,
                    new Tables(tables.tables(), OptionalLong.empty(), tables.readAt(), false),
                    facts,
                    unreadable);
        }
    }

    /**
     * What belongs to namespaces.
     *
     * @param changes as {@link Scan.Result#mountChanges()} when they were read
     * @param readAt as {@link System#nanoTime()}
     * @param kept mounts are as they were in the last snapshot: what was found of a file through them need not be found again, for as long
     *     as they are kept
     */
    private record Tables(NamespaceTables tables, OptionalLong changes, long readAt, boolean kept) {}

    /**
     * Where this agent itself lacks descriptors or memory, nothing can be said of a process that could not be opened for it: left out, it
     * would look as if it had ended, and what was found in it would close.
     */
    private static void refuseWhatWasNotLookedAt(Scan.Result read) throws IOException {
        for (Reading.Unreadable<ProcessKey> refused : read.refused()) {
            if (OWN_SHORTAGE.contains(refused.why())) {
                throw new IOException(
                        refused.source() + ": " + refused.why()
                                + ": this agent itself has no descriptors or no memory left, so it sees only a part of the node");
            }
        }
    }

    /**
     * Finds the sockets that processes wait at: listening TCP and unconnected UDP. A second question, because it costs a system
     * call for each descriptor.
     *
     * @param processes those to ask, of a snapshot
     * @return an answer for each; unreadable with ESRCH for one that has ended since
     */
    public Map<ProcessKey, Reading<List<ListeningSocket>>> listeningSockets(Collection<ProcessSnapshot> processes) {
        return new ListeningSockets(tree).of(processes);
    }

    @Override
    public void close() {
        scan.close();
        tree.close();
    }
}
