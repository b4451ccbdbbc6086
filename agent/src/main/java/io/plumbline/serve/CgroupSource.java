package io.plumbline.serve;

import java.time.Duration;
import java.util.Set;

/** Where the kernel tells of cgroups. One thread at a time. */
public interface CgroupSource extends AutoCloseable {

    /**
     * Waits until somebody comes into a cgroup.
     *
     * @param longest how long to wait
     * @return their pids
     */
    Set<Integer> next(Duration longest) throws InterruptedException;

    @Override
    void close();
}
