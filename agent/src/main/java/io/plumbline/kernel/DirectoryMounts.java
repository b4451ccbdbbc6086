package io.plumbline.kernel;

import java.util.List;

/**
 * The mounts that a process's directories are on, by the number that mountinfo begins with; 0 where it is not known.
 *
 * @param root of its root directory
 * @param workingDirectory of its working directory
 * @param threads those of its threads that have another of the two, by unshare(CLONE_FS)
 */
record DirectoryMounts(long root, long workingDirectory, List<OfThread> threads) {

    static final DirectoryMounts UNKNOWN = new DirectoryMounts(0, 0, List.of());

    /** The same of one thread. */
    record OfThread(int tid, long root, long workingDirectory) {}

    DirectoryMounts {
        threads = List.copyOf(threads);
    }

    /** Of two that are known, is one another? */
    boolean differ(OfThread thread) {
        return differ(root, thread.root()) || differ(workingDirectory, thread.workingDirectory());
    }

    private static boolean differ(long one, long other) {
        return one != 0 && other != 0 && one != other;
    }
}
