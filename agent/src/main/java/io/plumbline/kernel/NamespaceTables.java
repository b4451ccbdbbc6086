package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.model.IdMap;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What belongs to a namespace and not to a process, read once for each: mount tables and id maps. Of one snapshot.
 *
 * <p>A process whose namespace cannot be named is asked for its own.
 */
final class NamespaceTables {

    private final ProcTree tree;
    private final ParsedMounts parsed;
    private final Map<Long, List<ProcessRecord>> byMountNamespace = new HashMap<>();
    private final Map<Long, Optional<Reading<MountTable>>> mounts = new HashMap<>();
    private final Map<Long, Mount> mountsById = new HashMap<>();
    private final Map<Long, Reading<IdMap>> uidMaps = new HashMap<>();
    private final Map<Long, Reading<IdMap>> gidMaps = new HashMap<>();

    NamespaceTables(ProcTree tree, ParsedMounts parsed, List<ProcessRecord> processes) {
        this.tree = tree;
        this.parsed = parsed;
        for (ProcessRecord process : processes) {
            process.namespaces()
                    .inode(NamespaceType.MNT)
                    .observed()
                    .ifPresent(inode -> byMountNamespace
                            .computeIfAbsent(inode, any -> new ArrayList<>())
                            .add(process));
        }
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
        Optional<Long> namespace = process.namespaces().inode(NamespaceType.MNT).observed();
        Optional<Reading<MountTable>> shared = namespace.flatMap(this::mountsOf);
        return shared.orElseGet(() -> readMounts(process, false));
    }

    /** The table of a mount namespace by its inode; empty if no process there could be asked. */
    Optional<Reading<MountTable>> mountsOf(long namespace) {
        Optional<Reading<MountTable>> known = mounts.get(namespace);
        if (known == null) {
            known = byMountNamespace.getOrDefault(namespace, List.of()).stream()
                    .filter(process -> !process.isZombie())
                    .map(process -> readMounts(process, true))
                    .filter(reading -> reading instanceof Reading.Observed<MountTable>)
                    .findFirst();
            mounts.put(namespace, known);
        }
        return known;
    }

    /**
     * A mount by its id, in whichever namespace it is: a process that unshared its mount namespace after its exec still runs from a
     * mount of the old one.
     */
    Optional<Mount> mount(long id) {
        if (mountsById.isEmpty()) {
            for (Long namespace : byMountNamespace.keySet()) {
                mountsOf(namespace)
                        .flatMap(Reading::observed)
                        .ifPresent(table -> table.mounts().forEach(mount -> mountsById.put((long) mount.id(), mount)));
            }
        }
        return Optional.ofNullable(mountsById.get(id));
    }

    /** The table as one process sees it; absent if its root must be that of the namespace and is not. */
    private Reading<MountTable> readMounts(ProcessRecord process, boolean onlyWithWholeRoot) {
        String source = process.source("mountinfo");
        Reading<MountTable> reading = tree.ask(process.key(), directory -> {
            if (onlyWithWholeRoot && !hasWholeRoot(process, directory)) {
                return new Reading.Absent<>(source);
            }
            return ProcTree.flatMap(
                    tree.all(directory, process.files() + "mountinfo", source),
                    file -> parsed.parse(
                            onlyWithWholeRoot
                                    ? namespaceOf(process)
                                    : file.cursor().byteString(),
                            file));
        });
        // The kernel's word for a process that has left its mount namespace on its way out.
        return reading instanceof Reading.Unreadable<MountTable> unreadable
                        && unreadable.why().equals(Errno.name(Errno.EINVAL))
                ? new Reading.Absent<>(unreadable.source())
                : reading;
    }

    /** Of one that {@link #byMountNamespace} has. */
    private static Object namespaceOf(ProcessRecord process) {
        return process.namespaces().inode(NamespaceType.MNT);
    }

    private boolean hasWholeRoot(ProcessRecord process, int directory) {
        return tree.link(directory, process.files() + "root", process.source("root"))
                .observed()
                .filter(root -> root.text().equals("/"))
                .isPresent();
    }

    Reading<IdMap> uidMap(ProcessRecord process) {
        return idMap(process, "uid_map", uidMaps);
    }

    Reading<IdMap> gidMap(ProcessRecord process) {
        return idMap(process, "gid_map", gidMaps);
    }

    private Reading<IdMap> idMap(ProcessRecord process, String name, Map<Long, Reading<IdMap>> known) {
        if (process.kernelThread()) {
            return new Reading.Absent<>(process.source(name));
        }
        Optional<Long> namespace =
                process.namespaces().inode(NamespaceType.USER).observed();
        Reading<IdMap> shared = namespace.map(known::get).orElse(null);
        if (shared != null) {
            return shared;
        }
        String source = process.source(name);
        Reading<IdMap> own = tree.ask(
                process.key(),
                directory -> ProcTree.flatMap(tree.all(directory, process.files() + name, source), IdMapFile::parse));
        if (own instanceof Reading.Observed<IdMap> && namespace.isPresent()) {
            known.put(namespace.get(), own);
        }
        return own;
    }
}
