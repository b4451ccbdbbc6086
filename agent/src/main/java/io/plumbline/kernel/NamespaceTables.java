package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.model.IdMap;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
import io.plumbline.model.SortedLists;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a namespace and not to a process, read once for each: mount tables and id maps. Of one snapshot.
 *
 * <p>A process whose namespace cannot be named is asked for its own.
 */
final class NamespaceTables {

    private final ProcTree tree;
    private final ParsedTables parsed;
    private final Map<Long, List<ProcessRecord>> byMountNamespace;
    private final Map<Long, Optional<Reading<MountTable>>> mounts = new HashMap<>();
    private @Nullable Set<String> rootDevices;
    private final Map<Long, Asked> uidMaps = new HashMap<>();
    private final Map<Long, Asked> gidMaps = new HashMap<>();

    /** A mount, and the inode of the namespace that it is in. */
    record Placed(long namespace, Mount mount) {}

    /** A map of a user namespace, and which of its processes was asked. */
    private record Asked(Reading<IdMap> map, ProcessRecord process) {

        boolean isWritten() {
            return map instanceof Reading.Observed<IdMap> observed
                    && !observed.value().ranges().isEmpty();
        }
    }

    NamespaceTables(ProcTree tree, ParsedTables parsed, List<ProcessRecord> processes) {
        this(tree, parsed, new HashMap<>());
        for (ProcessRecord process : processes) {
            if (process.namespaces().inode(NamespaceType.MNT) instanceof Reading.Observed<Long> inode) {
                byMountNamespace
                        .computeIfAbsent(inode.value(), any -> new ArrayList<>())
                        .add(process);
            }
        }
    }

    private NamespaceTables(ProcTree tree, ParsedTables parsed, Map<Long, List<ProcessRecord>> byMountNamespace) {
        this.tree = tree;
        this.parsed = parsed;
        this.byMountNamespace = byMountNamespace;
    }

    /**
     * Some of the processes that were read again.
     *
     * @param pids ascending
     * @param before those of them that were there
     * @param now those of them that are there, by pid
     */
    record Changed(List<Integer> pids, List<ProcessRecord> before, List<ProcessRecord> now) {

        static Changed of(List<Integer> pids, List<ProcessRecord> before, List<ProcessRecord> now) {
            return new Changed(pids, among(before, pids), among(now, pids));
        }

        private static List<ProcessRecord> among(List<ProcessRecord> processes, List<Integer> pids) {
            List<ProcessRecord> found = new ArrayList<>(pids.size());
            for (int pid : pids) {
                int at = SortedLists.firstNotBelow(processes, ProcessRecord::pid, pid);
                if (at < processes.size() && processes.get(at).pid() == pid) {
                    found.add(processes.get(at));
                }
            }
            return found;
        }
    }

    /** Nothing but which process is where: no table is read yet. */
    private NamespaceTables among(Changed changed) {
        if (SameObjects.areIn(changed.before(), changed.now())) {
            return new NamespaceTables(tree, parsed, byMountNamespace);
        }
        Map<Long, List<ProcessRecord>> members = new HashMap<>(byMountNamespace);
        Map<Long, SortedSet<Integer>> touched = new HashMap<>();
        Map<Long, List<ProcessRecord>> coming = new HashMap<>();
        changed.before().forEach(process -> mountNamespace(process).ifPresent(inode -> touch(touched, inode, process)));
        changed.now()
                .forEach(process -> mountNamespace(process).ifPresent(inode -> {
                    touch(touched, inode, process);
                    coming.computeIfAbsent(inode, any -> new ArrayList<>()).add(process);
                }));
        touched.forEach((inode, pids) -> {
            List<ProcessRecord> all = SortedLists.replace(
                    members(inode), ProcessRecord::pid, pids, coming.getOrDefault(inode, List.of()));
            if (all.isEmpty()) {
                members.remove(inode);
            } else {
                members.put(inode, all);
            }
        });
        return new NamespaceTables(tree, parsed, members);
    }

    private static void touch(Map<Long, SortedSet<Integer>> touched, Long namespace, ProcessRecord process) {
        touched.computeIfAbsent(namespace, any -> new TreeSet<>()).add(process.pid());
    }

    private static Optional<Long> mountNamespace(ProcessRecord process) {
        return process.namespaces().inode(NamespaceType.MNT).observed();
    }

    /**
     * Of the same node a moment later: what these processes share with others is asked again, and the node's own mounts; the rest is as it
     * was.
     */
    NamespaceTables after(Changed changed, Reading<Long> hostMountNamespace) {
        NamespaceTables tables = among(changed);
        tables.mounts.putAll(mounts);
        tables.uidMaps.putAll(uidMaps);
        tables.gidMaps.putAll(gidMaps);
        hostMountNamespace.observed().ifPresent(tables.mounts::remove);
        for (ProcessRecord process : changed.now()) {
            mountNamespace(process).ifPresent(tables.mounts::remove);
            process.namespaces().inode(NamespaceType.USER).observed().ifPresent(inode -> {
                tables.uidMaps.remove(inode);
                tables.gidMaps.remove(inode);
            });
        }
        return tables;
    }

    /**
     * Of the same node later, when no mount table has changed since but those of these namespaces. Id maps are asked again: they are written
     * without a trace.
     */
    NamespaceTables withSameMounts(List<ProcessRecord> all, Set<Long> but) {
        return withMountsOf(new NamespaceTables(tree, parsed, all), but);
    }

    /** The same, of all processes but these it is known that they are as they were. */
    NamespaceTables withSameMounts(Changed changed, Set<Long> but) {
        return withMountsOf(among(changed), but);
    }

    private NamespaceTables withMountsOf(NamespaceTables now, Set<Long> but) {
        mounts.forEach((namespace, table) -> {
            if (table.isPresent()
                    && !but.contains(namespace)
                    && haveOneInCommon(members(namespace), now.members(namespace))) {
                now.mounts.put(namespace, table);
            }
        });
        return now;
    }

    /**
     * Asks the processes that were asked for id maps before, but for those that had one: a map is written once, user_namespaces(7).
     *
     * @return every map is as it was; false also where one of those processes is gone or changed, so that nobody knows
     */
    boolean hasIdMapsOf(NamespaceTables before, Changed changed) {
        return isSame(before.uidMaps, "uid_map", uidMaps, changed)
                && isSame(before.gidMaps, "gid_map", gidMaps, changed);
    }

    @SuppressWarnings("ReferenceEquality") // equal maps are one
    private boolean isSame(Map<Long, Asked> before, String name, Map<Long, Asked> known, Changed changed) {
        for (Map.Entry<Long, Asked> one : before.entrySet()) {
            Asked asked = one.getValue();
            ProcessRecord process = asked.process();
            if (Collections.binarySearch(changed.pids(), process.pid()) >= 0) {
                return false;
            }
            if (asked.isWritten()) {
                known.putIfAbsent(one.getKey(), asked);
            } else if (idMap(process, name, known) != asked.map()) {
                return false;
            }
        }
        return true;
    }

    /** The mount namespaces that were known before and have another table now. Who is in one and was not read again has the old one. */
    @SuppressWarnings("ReferenceEquality") // what was parsed from the same bytes is the same object
    Set<Long> remountedSince(NamespaceTables before) {
        return before.mounts.entrySet().stream()
                .filter(known -> mounts.containsKey(known.getKey()))
                .filter(known ->
                        mounts.getOrDefault(known.getKey(), Optional.empty()).orElse(null)
                                != known.getValue().orElse(null))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Has a user namespace that was known before another map now? */
    boolean haveOtherIdMapsThan(NamespaceTables before) {
        return haveOther(before.uidMaps, uidMaps) || haveOther(before.gidMaps, gidMaps);
    }

    @SuppressWarnings("ReferenceEquality") // equal maps are one
    private static boolean haveOther(Map<Long, Asked> before, Map<Long, Asked> now) {
        return before.entrySet().stream().anyMatch(known -> {
            Asked other = now.get(known.getKey());
            return other != null && other.map() != known.getValue().map();
        });
    }

    /**
     * Has a file system in these namespaces other options than before? It has them wherever else it is mounted, and nobody is told there.
     */
    boolean haveOtherFileSystemsThan(NamespaceTables before, Set<Long> namespaces) {
        for (Long namespace : namespaces) {
            Map<String, List<String>> options = new HashMap<>();
            before.known(namespace).forEach(mount -> options.put(mount.device(), mount.superOptions()));
            boolean other =
                    mountsOf(namespace).flatMap(Reading::observed).map(MountTable::mounts).orElse(List.of()).stream()
                            .anyMatch(mount -> !options.getOrDefault(mount.device(), mount.superOptions())
                                    .equals(mount.superOptions()));
            if (other) {
                return true;
            }
        }
        return false;
    }

    private List<Mount> known(Long namespace) {
        return mounts.getOrDefault(namespace, Optional.empty())
                .flatMap(Reading::observed)
                .map(MountTable::mounts)
                .orElse(List.of());
    }

    /** What is said of this process's namespaces may become otherwise although it, and every table, is as it was: it is asked alone. */
    boolean isAskedAlone(ProcessRecord process) {
        return !process.kernelThread()
                && !process.isZombie()
                && !(process.namespaces().inode(NamespaceType.MNT) instanceof Reading.Observed<Long> namespace
                        && mounts.getOrDefault(namespace.value(), Optional.empty())
                                .isPresent());
    }

    /** Who is in a mount namespace, by pid. */
    List<ProcessRecord> members(Long namespace) {
        return byMountNamespace.getOrDefault(namespace, List.of());
    }

    /** Else it may be another namespace under an inode number that was given away again. Both are in the order of their pids. */
    @SuppressWarnings("ReferenceEquality") // where nobody came or went it is the same list
    private static boolean haveOneInCommon(List<ProcessRecord> some, List<ProcessRecord> others) {
        if (some == others) {
            return !some.isEmpty();
        }
        for (int i = 0, j = 0; i < some.size() && j < others.size(); ) {
            ProcessKey one = some.get(i).key();
            ProcessKey other = others.get(j).key();
            if (one.equals(other)) {
                return true;
            }
            if (one.pid() <= other.pid()) {
                i++;
            } else {
                j++;
            }
        }
        return false;
    }

    /**
     * The table of a process's mount namespace.
     *
     * <p>mountinfo leaves out what lies outside of the process's root, so one that has called chroot(2) would show a table
     * without {@code /}: the namespace is asked through one of its processes that has not.
     */
    Reading<MountTable> mounts(ProcessRecord process) {
        if (process.kernelThread() || process.isZombie()) {
            return new Reading.Absent<>(process.source("mountinfo"));
        }
        Optional<Reading<MountTable>> shared =
                process.namespaces().inode(NamespaceType.MNT) instanceof Reading.Observed<Long> namespace
                        ? mountsOf(namespace.value())
                        : Optional.empty();
        return shared.isPresent() ? shared.get() : ownMounts(process);
    }

    /** The table of a mount namespace by its inode; empty if no process there could be asked. */
    Optional<Reading<MountTable>> mountsOf(Long namespace) {
        Optional<Reading<MountTable>> known = mounts.get(namespace);
        if (known == null) {
            known = members(namespace).stream()
                    .filter(process -> !process.isZombie())
                    .map(process -> mountsThrough(process, namespace))
                    .filter(reading -> reading instanceof Reading.Observed<MountTable>)
                    .findFirst();
            mounts.put(namespace, known);
        }
        return known;
    }

    /** A process whose {@code mountinfo} shows all of a mount namespace: it is read for that, so this is for evidence. */
    Optional<ProcessRecord> witness(Long namespace) {
        return members(namespace).stream()
                .filter(process -> !process.isZombie())
                .filter(process -> mountsThrough(process, namespace) instanceof Reading.Observed<MountTable>)
                .findFirst();
    }

    /** A mount by its id, in whichever namespace it is; mostly the host's. Asked of very few, so that nothing is made ready for it. */
    Optional<Placed> mount(long id, Reading<Long> hostMountNamespace) {
        Optional<Placed> hosts = hostMountNamespace.observed().flatMap(namespace -> placed(id, namespace));
        return hosts.or(() -> byMountNamespace.keySet().stream()
                .flatMap(namespace -> placed(id, namespace).stream())
                .findFirst());
    }

    private Optional<Placed> placed(long id, Long namespace) {
        return mountsOf(namespace)
                .flatMap(Reading::observed)
                .flatMap(table -> table.withId(id))
                .map(mount -> new Placed(namespace, mount));
    }

    /**
     * Is the file system of this device the root of some mount namespace, and not the host's? So a container's own is, in whichever
     * namespace a part of it is mounted once more. A service of the host may have a mount namespace with the host's root.
     */
    boolean isRoot(String device, Reading<Long> hostMountNamespace) {
        Set<String> devices = rootDevices;
        if (devices == null) {
            devices = new HashSet<>();
            for (Long namespace : byMountNamespace.keySet()) {
                rootDevice(namespace).ifPresent(devices::add);
            }
            hostMountNamespace.observed().flatMap(this::rootDevice).ifPresent(devices::remove);
            rootDevices = devices;
        }
        return devices.contains(device);
    }

    private Optional<String> rootDevice(Long namespace) {
        return mountsOf(namespace)
                .flatMap(Reading::observed)
                .flatMap(table -> table.at("/"))
                .map(Mount::device);
    }

    /** The table as one process sees it. */
    private Reading<MountTable> ownMounts(ProcessRecord process) {
        String source = process.source("mountinfo");
        return orAbsent(tree.ask(process.key(), directory -> {
            Reading<MountTable> table = ProcTree.flatMap(
                    tree.all(directory, process.files() + "mountinfo", source),
                    file -> parsed.parse(file.cursor().byteString(), file));
            String root = rootOf(directory, process);
            return root.equals("/") ? table : table.map(seen -> seen.seenFrom(root));
        }));
    }

    /** Where the process has its root in its mount namespace; where that cannot be read it is taken not to have called chroot. */
    private String rootOf(int directory, ProcessRecord process) {
        return tree.link(directory, process.files() + "root", process.source("root"))
                        instanceof Reading.Observed<Content> link
                ? link.value().text()
                : "/";
    }

    /**
     * The table of a namespace through one process of it; not observed if its root is not that of the namespace, or if it is not in the
     * namespace any more: then it does not matter whose pid it is now.
     */
    private Reading<MountTable> mountsThrough(ProcessRecord process, Long namespace) {
        String source = process.source("mountinfo");
        int directory = tree.openProcess(process.pid());
        if (directory < 0) {
            return ProcTree.failed(source, directory);
        }
        try {
            boolean whole = isLink(directory, process, "root", "/");
            if (!whole || !isLink(directory, process, "ns/mnt", "mnt:[" + namespace + "]")) {
                return new Reading.Absent<>(source);
            }
            return ProcTree.flatMap(
                    tree.all(directory, process.files() + "mountinfo", source), file -> parsed.parse(namespace, file));
        } finally {
            tree.close(directory);
        }
    }

    private boolean isLink(int directory, ProcessRecord process, String name, String text) {
        return tree.link(directory, process.files() + name, process.source(name))
                        instanceof Reading.Observed<Content> link
                && link.value().text().equals(text);
    }

    /** EINVAL is the kernel's word for a process that has left its mount namespace on its way out. */
    private static Reading<MountTable> orAbsent(Reading<MountTable> reading) {
        return reading instanceof Reading.Unreadable<MountTable> unreadable
                        && unreadable.why().equals(Errno.name(Errno.EINVAL))
                ? new Reading.Absent<>(unreadable.source())
                : reading;
    }

    Reading<IdMap> uidMap(ProcessRecord process) {
        return idMap(process, "uid_map", uidMaps);
    }

    Reading<IdMap> gidMap(ProcessRecord process) {
        return idMap(process, "gid_map", gidMaps);
    }

    private Reading<IdMap> idMap(ProcessRecord process, String name, Map<Long, Asked> known) {
        if (process.kernelThread()) {
            return new Reading.Absent<>(process.source(name));
        }
        Reading<Long> namespace = process.namespaces().inode(NamespaceType.USER);
        Asked shared = namespace instanceof Reading.Observed<Long> inode ? known.get(inode.value()) : null;
        if (shared != null) {
            return shared.map();
        }
        String source = process.source(name);
        Reading<IdMap> own = tree.ask(
                process.key(),
                directory -> ProcTree.flatMap(tree.all(directory, process.files() + name, source), IdMapFile::parse));
        if (own instanceof Reading.Observed<IdMap> && namespace instanceof Reading.Observed<Long> inode) {
            own = parsed.same(own);
            known.put(inode.value(), new Asked(own, process));
        }
        return own;
    }
}
