package io.plumbline.kernel;

import io.plumbline.kernel.DirectoryMounts.OfThread;
import io.plumbline.kernel.NamespaceTables.Placed;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.Evidence;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds root and working directories that are in another mount namespace than their process. Of one snapshot.
 *
 * <p>The texts of the links do not tell: they are paths in whichever namespace the directory is. A mount's id does, which no other mount of
 * the node has. One that was unmounted while it was in use is in no namespace, and nothing is said of it.
 */
final class Directories {

    private final ProcTree tree;
    private final NamespaceTables tables;
    private final Reading<Long> hostMountNamespace;

    Directories(ProcTree tree, NamespaceTables tables, Reading<Long> hostMountNamespace) {
        this.tree = tree;
        this.tables = tables;
        this.hostMountNamespace = hostMountNamespace;
    }

    /** Of a process that is in a mount namespace of its own, or of a container, and of its threads. */
    List<DirectoryElsewhere> elsewhere(ProcessRecord process, Reading<MountTable> mounts) {
        Reading<Long> namespace = process.namespaces().inode(NamespaceType.MNT);
        DirectoryMounts directories = process.directories();
        if (!(namespace instanceof Reading.Observed<Long> own) || namespace.equals(hostMountNamespace)) {
            return List.of();
        }
        Optional<Placed> root = elsewhere(directories.root(), own.value(), mounts);
        Optional<Placed> workingDirectory = directories.workingDirectory() == directories.root()
                ? root
                : elsewhere(directories.workingDirectory(), own.value(), mounts);
        if (root.isEmpty()
                && workingDirectory.isEmpty()
                && directories.threads().isEmpty()) {
            return List.of();
        }
        List<DirectoryElsewhere> found = new ArrayList<>();
        root.flatMap(placed -> found(process, process.files() + "root", placed)).ifPresent(found::add);
        workingDirectory
                .flatMap(placed -> found(process, process.files() + "cwd", placed))
                .ifPresent(found::add);
        for (OfThread thread : directories.threads()) {
            long its = mountNamespace(process, thread, own.value());
            String files = "task/" + thread.tid() + "/";
            elsewhere(thread.root(), its, mounts)
                    .flatMap(placed -> found(process, files + "root", placed))
                    .ifPresent(found::add);
            elsewhere(thread.workingDirectory(), its, mounts)
                    .flatMap(placed -> found(process, files + "cwd", placed))
                    .ifPresent(found::add);
        }
        return List.copyOf(found);
    }

    /** The mount namespace that a thread is in, its own or its leader's. */
    private static long mountNamespace(ProcessRecord process, OfThread thread, long leaders) {
        return process.threads().observed().orElse(List.of()).stream()
                .filter(differing -> differing.tid() == thread.tid())
                .flatMap(differing -> differing.namespaces().inode(NamespaceType.MNT).observed().stream())
                .findFirst()
                .orElse(leaders);
    }

    /** Asked for every process, and next to always answered by its own table. */
    private Optional<Placed> elsewhere(long id, long namespace, Reading<MountTable> mounts) {
        boolean own = mounts instanceof Reading.Observed<MountTable> table
                && table.value().hasId(id);
        if (id == 0 || own) {
            return Optional.empty();
        }
        return tables.mount(id, hostMountNamespace).filter(placed -> placed.namespace() != namespace);
    }

    /** Nothing, if it has ended meanwhile. */
    private Optional<DirectoryElsewhere> found(ProcessRecord process, String link, Placed placed) {
        Reading<String> path = tree.ask(
                process.key(),
                directory -> tree.link(directory, link, ProcessRecord.source(process.pid(), "", link))
                        .map(Content::text));
        Optional<Evidence> mount = tables.witness(placed.namespace())
                .map(witness ->
                        new Evidence(witness.source("mountinfo"), placed.mount().line()));
        return path.observed().map(text -> new DirectoryElsewhere(link, text, placed.namespace(), mount));
    }
}
