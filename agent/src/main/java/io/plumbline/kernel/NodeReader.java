package io.plumbline.kernel;

import io.plumbline.kernel.NamespaceTables.Changed;
import io.plumbline.kernel.NativeScan.Iteration;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.kernel.bindings.NativeHelpers;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Reads a node: its processes, their namespaces, and what holds for all.
 *
 * <p>Everything is read anew for each snapshot, but processes that the kernel's task iterator shows to be as they were, or the scheduler
 * not to have run, and what a node is made of, if that was read some seconds ago. Between snapshots it keeps open
 * descriptors, and what it made of bytes that may be the same the next time. One thread at a time.
 */
public final class NodeReader implements AutoCloseable {

    /** Of every architecture that Kubernetes runs on; a captured tree must not take it from the machine that reads it. */
    private static final long USER_HZ = 100;

    /** errno(3) of a reader that has no descriptor left, of a whole machine that has none, of a kernel without memory. */
    private static final Set<String> OWN_SHORTAGE = Set.of("EMFILE", "ENFILE", "ENOMEM");

    /** A super block that is reconfigured without a mount point, fsconfig(2), changes tables and tells nobody. */
    private static final Duration TABLES_KEPT = Duration.ofMinutes(1);

    /** What an administrator may change of a node, and a boot, or the installation of a runtime. */
    private static final Duration FACTS_KEPT = Duration.ofSeconds(10);

    private final ProcRoot root;
    private final ProcTree tree;
    private final Scan scan;
    private final ParsedTables parsedTables = new ParsedTables();
    private final Snapshots snapshots = new Snapshots();
    private final Executables executables;
    private final HostRoot host;
    private final long ticksPerSecond;
    private Optional<Last> last = Optional.empty();
    /** As {@link System#nanoTime()}; empty where they are to be read again. */
    private OptionalLong factsReadAt = OptionalLong.empty();

    /**
     * Of these the next snapshot cannot go on from the last one, whatever the scan says: they were read alone since, or something of them
     * could not be read, or only of them.
     */
    private final SortedSet<Integer> toReadAgain = new TreeSet<>();

    /** Some were read alone since, and what others share with them was found to be otherwise. */
    private boolean othersAreOld;

    private NodeReader(ProcRoot root, ProcTree tree, Scan scan) {
        this.root = root;
        this.tree = tree;
        this.scan = scan;
        this.host = hostRoot(root, tree);
        this.executables = new Executables(host);
        this.ticksPerSecond = tree.isLive() ? tree.files().ticksPerSecond() : USER_HZ;
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
     * The same, and the kernel's task iterator is not asked what changed.
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
        return snapshot(Set.of());
    }

    /**
     * The same.
     *
     * @param told pids of those that something happened to since: they are read even if nothing shows that they changed
     * @throws IOException as {@link #snapshot()}
     */
    public NodeSnapshot snapshot(Set<Integer> told) throws IOException {
        Optional<Last> before = last;
        // After one that failed nobody can say what was loaded since.
        NodeSnapshot snapshot = snapshotOf(
                before.isEmpty()
                        ? scan.read()
                        : scan.readChanges(told.stream().sorted().toList()));
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
        factsReadAt = OptionalLong.empty();
        return snapshotOf(scan.read());
    }

    private NodeSnapshot snapshotOf(Scan.Result read) throws IOException {
        Optional<Last> before = last;
        // If this one fails there is none that the scan's next changes are the changes of.
        last = Optional.empty();
        refuseWhatWasNotLookedAt(read);
        Optional<Set<Long>> remounted = before.map(Last::tables).flatMap(tables -> remounted(tables, read));
        Optional<Changed> changed = before.flatMap(known -> changed(known, read, remounted.orElse(Set.of())));
        Optional<Tables> same =
                remounted.flatMap(namespaces -> sameTables(before.orElseThrow().tables(), read, changed, namespaces));
        Tables mounted = same.orElseGet(() -> newTables(before.map(Last::tables), read));
        NamespaceTables tables = mounted.tables();
        NodeFacts facts = facts(before, read, tables);
        boolean othersAreSame = !othersAreOld
                && same.isPresent()
                && changed.isPresent()
                && tables.hasIdMapsOf(before.orElseThrow().tables().tables(), changed.get());
        last = Optional.of(new Last(read.processes(), mounted, facts, unreadable(read, facts.reader(), tables)));
        toReadAgain.clear();
        othersAreOld = false;
        return othersAreSame ? put(last.get(), changed.get(), read.vanished()) : put(last.get(), read.vanished());
    }

    /** What of it no second changes is not read every second. */
    private NodeFacts facts(Optional<Last> before, Scan.Result read, NamespaceTables tables) {
        NodeFactsReader reader = new NodeFactsReader(tree, host, read.processes(), tables);
        long now = System.nanoTime();
        boolean fresh = factsReadAt.isPresent() && now - factsReadAt.getAsLong() < FACTS_KEPT.toNanos();
        if (before.isPresent() && tree.isLive() && fresh) {
            return reader.soon(before.get().facts(), scan.backend());
        }
        factsReadAt = OptionalLong.of(now);
        return reader.read(
                NodeFactsReader.hostNamespaces(tree), ticksPerSecond, NodeFactsReader.reader(tree, scan.backend()));
    }

    /** The processes that are not as the last snapshot had them, and those to be read each time; empty where that may be all. */
    private Optional<Changed> changed(Last before, Scan.Result read, Set<Long> remounted) {
        return read.changed().map(pids -> {
            toReadAgain.addAll(pids);
            remounted.forEach(namespace ->
                    before.tables().tables().members(namespace).forEach(process -> toReadAgain.add(process.pid())));
            return Changed.of(List.copyOf(toReadAgain), before.processes(), read.processes());
        });
    }

    /** The mount namespaces whose tables have changed since; empty where that may be all, or where they were read long ago. */
    private static Optional<Set<Long>> remounted(Tables before, Scan.Result read) {
        boolean known = read.mountChanges().isPresent()
                && before.changes().isPresent()
                && System.nanoTime() - before.readAt() < TABLES_KEPT.toNanos();
        if (!known) {
            return Optional.empty();
        }
        long changes = read.mountChanges().getAsLong() - before.changes().getAsLong();
        boolean some = changes == 1 && !read.changedMounts().isEmpty();
        return changes == 0 ? Optional.of(Set.of()) : some ? Optional.of(read.changedMounts()) : Optional.empty();
    }

    /** Those of the last snapshot but for these namespaces; empty if the rest may be otherwise too. */
    private static Optional<Tables> sameTables(
            Tables before, Scan.Result read, Optional<Changed> changed, Set<Long> remounted) {
        NamespaceTables tables = changed.map(some -> before.tables().withSameMounts(some, remounted))
                .orElseGet(() -> before.tables().withSameMounts(read.processes(), remounted));
        return tables.haveOtherFileSystemsThan(before.tables(), remounted)
                ? Optional.empty()
                : Optional.of(new Tables(tables, read.mountChanges(), before.readAt(), before.originsAt(), true));
    }

    private Tables newTables(Optional<Tables> before, Scan.Result read) {
        long now = System.nanoTime();
        parsedTables.beginSnapshot();
        NamespaceTables tables = new NamespaceTables(tree, parsedTables, read.processes());
        Optional<Long> originsAt =
                before.flatMap(Tables::originsAt).filter(asked -> now - asked < TABLES_KEPT.toNanos());
        return new Tables(tables, read.mountChanges(), now, Optional.of(originsAt.orElse(now)), originsAt.isPresent());
    }

    private List<Reading.Unreadable<ProcessKey>> unreadable(
            Scan.Result read, NodeFacts.Reader reader, NamespaceTables tables) {
        List<Reading.Unreadable<ProcessKey>> unreadable = new ArrayList<>(read.refused());
        NodeFactsReader.covered(tree, root.proc().toString(), tables)
                .forEach(file -> unreadable.add(new Reading.Unreadable<>(
                        file, "something is mounted over it, which hides a process or what it is")));
        NodeFactsReader.hidden(tree, root.proc().toString(), reader)
                .ifPresent(option -> unreadable.add(new Reading.Unreadable<>(
                        "/proc", "mounted with hidepid=" + option + ": processes of other users are not listed")));
        return unreadable;
    }

    /**
     * Reads some processes again, what they share with others of their namespaces, and the node's own mounts. The rest is as the last
     * snapshot had it, and so is what else holds for the whole node, but for the time.
     *
     * @param pids those that something happened to; one that is gone is not in the snapshot either
     * @return empty where none of them is there, or was
     * @throws IOException if the tree itself cannot be read any more
     */
    public Optional<NodeSnapshot> snapshotAfter(Set<Integer> pids) throws IOException {
        if (last.isEmpty()) {
            return Optional.of(snapshot());
        }
        Last before = last.get();
        List<Integer> asked = pids.stream().sorted().toList();
        Scan.Result read = scan.read(asked);
        refuseWhatWasNotLookedAt(read);
        List<ProcessRecord> all = SortedLists.replace(before.processes(), ProcessRecord::pid, asked, read.processes());
        Changed changed = Changed.of(asked, before.processes(), all);
        if (changed.before().isEmpty() && changed.now().isEmpty()) {
            return Optional.empty();
        }
        toReadAgain.addAll(pids);
        NamespaceTables tables =
                before.tables().tables().after(changed, before.facts().hostNamespace(NamespaceType.MNT));
        Tables mounted = new Tables(
                tables,
                before.tables().changes(),
                before.tables().readAt(),
                before.tables().originsAt(),
                false);
        Last now = new Last(
                all, mounted, new NodeFactsReader(tree, host, all, tables).later(before.facts()), before.unreadable());
        last = Optional.of(now);
        NodeSnapshot snapshot = put(now, changed, read.vanished());
        NamespaceTables known = before.tables().tables();
        Set<Long> remounted = tables.remountedSince(known);
        if (tables.haveOtherFileSystemsThan(known, remounted)) {
            last = last.map(Last::withoutTables);
        }
        othersAreOld |= !remounted.isEmpty() || tables.haveOtherIdMapsThan(known);
        return Optional.of(snapshot);
    }

    private NodeSnapshot put(Last now, int ended) {
        int vanished = ended + putTogether(now, now.processes());
        return new NodeSnapshot(now.facts(), snapshots.all(), vanished, now.unreadable());
    }

    /** Processes that did not change are as the last snapshot had them. */
    private NodeSnapshot put(Last now, Changed changed, int ended) {
        int vanished = ended + putTogether(now, changed.now());
        return new NodeSnapshot(now.facts(), snapshots.with(changed.pids()), vanished, now.unreadable());
    }

    /** @return how many ended meanwhile */
    private int putTogether(Last now, List<ProcessRecord> processes) {
        NamespaceTables tables = now.tables().tables();
        Reading<Long> hosts = now.facts().hostNamespace(NamespaceType.MNT);
        executables.beginSnapshot(hosts, id -> tables.mount(id, hosts), device -> tables.isRoot(device, hosts));
        Directories directories = new Directories(tree, tables, hosts);
        snapshots.begin(processes.size());
        int ended = 0;
        for (ProcessRecord process : processes) {
            Reading<MountTable> mounts = tables.mounts(process);
            Reading<IdMap> uidMap = tables.uidMap(process);
            Reading<IdMap> gidMap = tables.gidMap(process);
            boolean over = ProcTree.hasEnded(mounts) || ProcTree.hasEnded(uidMap) || ProcTree.hasEnded(gidMap);
            if (over) {
                ended++;
            } else {
                Reading<ExecutableOrigin> kept = now.tables().originsKept() ? snapshots.origin(process, mounts) : null;
                Reading<ExecutableOrigin> origin = kept == null ? executables.origin(process, mounts) : kept;
                snapshots.add(process, origin, directories.elsewhere(process, mounts), mounts, uidMap, gidMap);
                over = !Executables.lasts(origin);
            }
            if (over || isUnreadable(uidMap) || isUnreadable(gidMap) || tables.isAskedAlone(process)) {
                toReadAgain.add(process.pid());
            }
        }
        return ended;
    }

    private static boolean isUnreadable(Reading<?> reading) {
        return reading instanceof Reading.Unreadable<?>;
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
                    new Tables(tables.tables(), OptionalLong.empty(), tables.readAt(), Optional.empty(), false),
                    facts,
                    unreadable);
        }
    }

    /**
     * What belongs to namespaces.
     *
     * @param changes as {@link Scan.Result#mountChanges()} when they were read
     * @param readAt as {@link System#nanoTime()}
     * @param originsAt since when origins of programs are kept; empty where they are to be asked again
     * @param originsKept what was found of a program through a table that is the one of the last snapshot need not be found again
     */
    private record Tables(
            NamespaceTables tables, OptionalLong changes, long readAt, Optional<Long> originsAt, boolean originsKept) {}

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
