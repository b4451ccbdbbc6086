package io.plumbline.serve;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Where the kernel tells of mount tables. One thread at a time. */
public interface MountSource extends AutoCloseable {

    /**
     * Watches these mount namespaces and no others.
     *
     * @param wanted their inodes, each with a process that is in it
     * @return those of them that were not watched before
     */
    Set<Long> watch(Map<Long, Integer> wanted);

    /** Some of those that were wanted last could not be watched. */
    boolean lacksSome();

    /**
     * Waits until a mount table changes.
     *
     * @param longest how long to wait
     * @return whose did
     */
    Set<Long> next(Duration longest);

    @Override
    void close();
}
