package io.plumbline.kernel;

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

/**
 * Where the files come from that processes of containers run. Of one snapshot.
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
    private final Reading<Long> hostMountNamespace;
    private final LongFunction<Optional<Mount>> anyMount;
    private final Map<Key, Reading<ExecutableOrigin>> known = new HashMap<>();

    /** @param anyMount finds a mount of the node by its id, in whichever namespace */
    Executables(HostRoot host, Reading<Long> hostMountNamespace, LongFunction<Optional<Mount>> anyMount) {
        this.host = host;
        this.hostMountNamespace = hostMountNamespace;
        this.anyMount = anyMount;
    }

    private record Key(Reading<Long> mountNamespace, String executable, Optional<FileId> file) {}

    /** Absent for processes of the host itself. */
    Reading<ExecutableOrigin> origin(ProcessRecord process, Reading<MountTable> mounts) {
        Reading<Long> namespace = process.namespaces().inode(NamespaceType.MNT);
        boolean isHosts = namespace instanceof Reading.Observed<Long> && namespace.equals(hostMountNamespace);
        if (isHosts || process.kernelThread()) {
            return new Reading.Absent<>(process.source("exe"));
        }
        return ProcTree.flatMap(process.executable(), executable -> {
            if (!(namespace instanceof Reading.Observed<Long>)) {
                return find(process, executable, mounts);
            }
            Key key = new Key(namespace, executable, process.executableFile());
            Reading<ExecutableOrigin> before = known.get(key);
            if (before == null) {
                before = find(process, executable, mounts);
                // Trouble names the process that had it, so it is not another's.
                if (before instanceof Reading.Observed<ExecutableOrigin>) {
                    known.put(key, before);
                }
            }
            return before;
        });
    }

    private Reading<ExecutableOrigin> find(ProcessRecord process, String executable, Reading<MountTable> mounts) {
        long mountId = process.executableFile().map(FileId::mountId).orElse(0L);
        Optional<Mount> byId = mounts.observed().flatMap(table -> withId(table, mountId));
        if (executable.endsWith(DELETED)) {
            // A file may be called so; the memory file system of memfd_create(2) is in no mount table.
            Kind kind = executable.startsWith(MEMFD) && byId.isEmpty() ? Kind.MEMFD : Kind.DELETED;
            return Reading.of(new ExecutableOrigin(kind, KernelFiles.text(executable)));
        }
        return ProcTree.flatMap(mounts, table -> {
            Optional<Mount> elsewhere = mountId != 0 && byId.isEmpty() ? anyMount.apply(mountId) : Optional.empty();
            if (mountId != 0 && byId.isEmpty() && elsewhere.isEmpty()) {
                return new Reading.Unreadable<>(
                        process.source("exe"), "its mount " + mountId + " is in no mount namespace of a process");
            }
            Optional<Mount> mount = byId.or(() -> elsewhere).or(() -> table.covering(KernelFiles.text(executable)));
            return mount.isPresent()
                    ? onMount(process, executable, mount.get())
                    : new Reading.Unreadable<>(process.source("mountinfo"), "no mount covers the executable");
        });
    }

    /** Asked for every process, so without a stream. No mount has the id 0. */
    private static Optional<Mount> withId(MountTable table, long id) {
        for (Mount mount : table.mounts()) {
            if (mount.id() == id) {
                return Optional.of(mount);
            }
        }
        return Optional.empty();
    }

    private Reading<ExecutableOrigin> onMount(ProcessRecord process, String executable, Mount mount) {
        if (!mount.mountPoint().equals("/")) {
            return Reading.of(new ExecutableOrigin(Kind.VOLUME, mount.line()));
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
        Reading<FileStatus> found = host.lookUp(upperDirectory, executable);
        if (found instanceof Reading.Absent<FileStatus> absent) {
            return Reading.of(new ExecutableOrigin(Kind.IMAGE, absent.source() + ": absent"));
        }
        return ProcTree.flatMap(found, file -> {
            String path = upper.get() + KernelFiles.text(executable);
            return file.isRegular()
                    ? Reading.of(new ExecutableOrigin(Kind.WRITABLE_LAYER, path))
                    : new Reading.Unreadable<>(path, "is no regular file any more");
        });
    }
}
