package io.plumbline.kernel;

import io.plumbline.kernel.NamespaceTables.Placed;
import io.plumbline.kernel.bindings.FileId;
import io.plumbline.kernel.bindings.FileStatus;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.ExecutableOrigin.Kind;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the files come from that processes of containers run. Each snapshot asks anew, once for each file of a mount namespace; an answer
 * that is the same as the last time is the same object.
 *
 * <p>What overlayfs guarantees (Documentation/filesystems/overlayfs.rst): a file written or re-owned in the container is copied to the
 * upper layer first, and keeps the inode number that it had, so the numbers do not tell whether a running file was copied before
 * or after its exec. They need not: writing to a running file is refused (ETXTBSY), and renaming another over it makes its link
 * say {@code (deleted)}. A running file that stands in the upper layer was therefore put there, changed or re-owned since the
 * container was made.
 */
final class Executables {

    private static final String DELETED = " (deleted)";
    private static final String MEMFD = "/memfd:";

    private final HostRoot host;
    private Reading<Long> hostMountNamespace = new Reading.Absent<>("ns/mnt");
    private LongFunction<Optional<Placed>> anyMount = id -> Optional.empty();
    private Predicate<String> isRoot = device -> false;
    private Map<Key, Found> before = Map.of();
    private Map<Key, Found> known = new HashMap<>();

    Executables(HostRoot host) {
        this.host = host;
    }

    /**
     * @param mounts finds a mount of the node by its id, in whichever namespace: a process that unshared its mount namespace after its exec
     *     still runs from a mount of the old one
     * @param roots is the file system of this device the root of some mount namespace that is not the host's?
     */
    void beginSnapshot(Reading<Long> hostsNamespace, LongFunction<Optional<Placed>> mounts, Predicate<String> roots) {
        hostMountNamespace = hostsNamespace;
        anyMount = mounts;
        isRoot = roots;
        before = known;
        known = new HashMap<>(before.size() * 2);
    }

    /** Made for every process: a record's own hash and comparison take longer than the look-up. */
    private static final class Key {
        private final long mountNamespace;
        private final String executable;
        private final Optional<FileId> file;

        Key(long mountNamespace, String executable, Optional<FileId> file) {
            this.mountNamespace = mountNamespace;
            this.executable = executable;
            this.file = file;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(mountNamespace) * 31 + executable.hashCode();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key
                    && mountNamespace == key.mountNamespace
                    && executable.equals(key.executable)
                    && file.equals(key.file);
        }
    }

    /** Does an answer hold for as long as process and mounts are as they were? Else a file could not be looked at, this time. */
    static boolean lasts(Reading<ExecutableOrigin> origin) {
        return !(origin instanceof Reading.Unreadable<ExecutableOrigin> trouble)
                || trouble.source().endsWith("/mountinfo");
    }

    /** Absent for processes of the host itself. */
    Reading<ExecutableOrigin> origin(ProcessRecord process, Reading<MountTable> mounts) {
        Reading<Long> namespace = process.namespaces().inode(NamespaceType.MNT);
        boolean isHosts = namespace instanceof Reading.Observed<Long> own
                && hostMountNamespace instanceof Reading.Observed<Long> hosts
                && own.value().equals(hosts.value());
        if (isHosts || process.kernelThread()) {
            return new Reading.Absent<>(process.source("exe"));
        }
        if (!(process.executable() instanceof Reading.Observed<String> executable)) {
            return ProcTree.failure(process.executable());
        }
        return namespace instanceof Reading.Observed<Long> own
                ? origin(process, new Key(own.value(), executable.value(), process.executableFile()), mounts)
                : find(process, executable.value(), mounts);
    }

    private Reading<ExecutableOrigin> origin(ProcessRecord process, Key key, Reading<MountTable> mounts) {
        Found found = known.get(key);
        if (found == null) {
            Reading<ExecutableOrigin> origin = find(process, key.executable, mounts);
            Found last = before.get(key);
            found = last != null && last.origin().equals(origin) ? last : new Found(origin, process.source(""));
            known.put(key, found);
        }
        return found.by(process);
    }

    /**
     * What was found of a file.
     *
     * @param directory of the process that was asked
     */
    private record Found(Reading<ExecutableOrigin> origin, String directory) {

        /** Trouble with a file of a process names that of the process that is asked about. */
        Reading<ExecutableOrigin> by(ProcessRecord process) {
            return origin instanceof Reading.Unreadable<ExecutableOrigin> trouble
                            && trouble.source().startsWith(directory)
                    ? new Reading.Unreadable<>(
                            process.source(trouble.source().substring(directory.length())), trouble.why())
                    : origin;
        }
    }

    private Reading<ExecutableOrigin> find(ProcessRecord process, String executable, Reading<MountTable> mounts) {
        long mountId = process.executableFile().map(FileId::mountId).orElse(0L);
        Optional<Mount> byId = mounts.observed().flatMap(table -> table.withId(mountId));
        if (executable.endsWith(DELETED)) {
            // A file may be called so; the memory file system of memfd_create(2) is in no mount table.
            Kind kind = executable.startsWith(MEMFD) && byId.isEmpty() ? Kind.MEMFD : Kind.DELETED;
            return Reading.of(new ExecutableOrigin(kind, KernelFiles.text(executable)));
        }
        return ProcTree.flatMap(mounts, table -> {
            Optional<Placed> elsewhere = mountId != 0 && byId.isEmpty() ? anyMount.apply(mountId) : Optional.empty();
            if (mountId != 0 && byId.isEmpty() && elsewhere.isEmpty()) {
                return new Reading.Unreadable<>(
                        process.source("exe"), "its mount " + mountId + " is in no mount namespace of a process");
            }
            if (elsewhere.map(Placed::namespace).isPresent()
                    && elsewhere.map(Placed::namespace).equals(hostMountNamespace.observed())) {
                return Reading.of(
                        new ExecutableOrigin(Kind.HOST, elsewhere.get().mount().line()));
            }
            Optional<Mount> mount =
                    byId.or(() -> elsewhere.map(Placed::mount)).or(() -> table.covering(KernelFiles.text(executable)));
            return mount.isPresent()
                    ? onMount(process, executable, mount.get())
                            .map(origin -> elsewhere
                                    .map(placed -> origin.in(placed.namespace()))
                                    .orElse(origin))
                    : new Reading.Unreadable<>(process.source("mountinfo"), "no mount covers the executable");
        });
    }

    private Reading<ExecutableOrigin> onMount(ProcessRecord process, String executable, Mount mount) {
        String inside = executable;
        if (!mount.mountPoint().equals("/")) {
            Optional<String> path = pathInRoot(KernelFiles.text(executable), mount);
            if (path.isEmpty()) {
                return Reading.of(new ExecutableOrigin(Kind.VOLUME, mount.line()));
            }
            inside = KernelFiles.byteString(path.get());
        }
        if (!mount.fileSystemType().equals("overlay")) {
            return new Reading.Unreadable<>(
                    process.source("mountinfo"),
                    "a root file system of type " + mount.fileSystemType()
                            + " does not tell the image's files from others");
        }
        Optional<String> upper = mount.superOption("upperdir");
        if (upper.isEmpty()) {
            // Lower layers only: nothing can be written.
            return Reading.of(new ExecutableOrigin(Kind.IMAGE, mount.line()));
        }
        String upperDirectory = KernelFiles.byteString(upper.get());
        if (!upperDirectory.startsWith("/")) {
            return new Reading.Unreadable<>(process.source("mountinfo"), "upperdir is relative: " + upper.get());
        }
        Reading<FileStatus> found = host.lookUp(upperDirectory, inside);
        if (found instanceof Reading.Absent<FileStatus> absent) {
            return Reading.of(new ExecutableOrigin(Kind.IMAGE, absent.source() + ": absent"));
        }
        String path = upper.get() + KernelFiles.text(inside);
        return ProcTree.flatMap(found, file -> {
            return file.isRegular()
                    ? Reading.of(new ExecutableOrigin(Kind.WRITABLE_LAYER, path))
                    : new Reading.Unreadable<>(path, "is no regular file any more");
        });
    }

    /** In the root file system of a container a part of which is mounted here once more: the file's path there. */
    private Optional<String> pathInRoot(String executable, Mount mount) {
        boolean more = mount.fileSystemType().equals("overlay")
                && (executable.equals(mount.mountPoint()) || executable.startsWith(mount.mountPoint() + "/"))
                && isRoot.test(mount.device());
        String root = mount.root().equals("/") ? "" : mount.root();
        return more ? Optional.of(root + executable.substring(mount.mountPoint().length())) : Optional.empty();
    }
}
