package io.plumbline.kernel;

import io.plumbline.kernel.bindings.ChangingFiles;
import io.plumbline.kernel.bindings.KernelFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the kernel tells of mount namespaces: something in their mount table changed. No event of a process says so.
 *
 * <p>{@code /proc/PID/mounts} can be polled (proc_pid_mounts(5)); an open one keeps the namespace, and what is mounted in it alone, from
 * ending, so that a namespace is to be let go soon after its last process. One thread at a time.
 */
public final class MountChanges implements AutoCloseable {

    /** Each takes a descriptor and some kernel memory. What is above this is seen by scans. */
    private static final int MOST = 1024;

    private final KernelFiles files = new KernelFiles();
    private final ChangingFiles tables;
    private final String proc;
    private final Map<Long, Integer> watched = new TreeMap<>();
    private boolean lacksSome;

    /**
     * Watches nothing yet.
     *
     * @throws IOException if the kernel refuses; the message says why
     */
    public MountChanges(ProcRoot root) throws IOException {
        this.proc = KernelFiles.byteString(root.proc());
        this.tables = ChangingFiles.open(files);
    }

    /**
     * Watches these mount namespaces and no others.
     *
     * @param wanted their inodes, each with a process that is in it
     * @return those of them that were not watched before: what was read of them may be out of date
     */
    public Set<Long> watch(Map<Long, Integer> wanted) {
        watched.entrySet().removeIf(entry -> {
            boolean over = !wanted.containsKey(entry.getKey());
            if (over) {
                files.close(entry.getValue());
            }
            return over;
        });
        Set<Long> fresh = new TreeSet<>();
        wanted.forEach((namespace, pid) -> {
            if (!watched.containsKey(namespace) && watched.size() < MOST) {
                int opened = open(namespace, pid);
                if (opened >= 0) {
                    watched.put(namespace, opened);
                    fresh.add(namespace);
                }
            }
        });
        lacksSome = watched.size() < wanted.size();
        return fresh;
    }

    /** Some of those that were wanted last could not be opened, or are too many. */
    public boolean lacksSome() {
        return lacksSome;
    }

    /** The pid may be another process's by now, in another namespace. */
    private int open(long namespace, int pid) {
        int directory = files.openDirectory(KernelFiles.NOWHERE, proc + "/" + pid);
        if (directory < 0) {
            return directory;
        }
        int opened = tables.add(directory, "mounts");
        int length = files.readLink(directory, "ns/mnt");
        files.close(directory);
        boolean itself = length > 0 && files.byteString(length).equals("mnt:[" + namespace + "]");
        if (opened >= 0 && !itself) {
            files.close(opened);
            return -1;
        }
        return opened;
    }

    /**
     * Waits until a mount table changes.
     *
     * @param longest how long to wait
     * @return whose did; what changes between two calls is told by the second
     */
    public Set<Long> next(Duration longest) {
        Set<Integer> changed = tables.next((int) Math.min(Integer.MAX_VALUE, longest.toMillis()));
        Set<Long> namespaces = new TreeSet<>();
        if (changed.isEmpty()) {
            return namespaces;
        }
        watched.forEach((namespace, descriptor) -> {
            if (changed.contains(descriptor)) {
                namespaces.add(namespace);
            }
        });
        return namespaces;
    }

    @Override
    public void close() {
        watched.values().forEach(files::close);
        watched.clear();
        tables.close();
    }
}
