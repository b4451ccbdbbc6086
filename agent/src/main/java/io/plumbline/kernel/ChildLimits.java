package io.plumbline.kernel;

import io.plumbline.kernel.bindings.ResourceLimits;
import java.time.Duration;

/** Bounds on a child process, prlimit(2). */
public final class ChildLimits {

    private ChildLimits() {}

    /**
     * Bounds a child's memory and processor time, and lets it write no file. A child that has ended already is none to bound.
     *
     * @param bytes of address space
     * @param time of processor, rounded up to seconds
     */
    public static void set(long pid, long bytes, Duration time) {
        long seconds = time.toSeconds() + 1;
        ResourceLimits.set(pid, ResourceLimits.ADDRESS_SPACE, bytes);
        ResourceLimits.set(pid, ResourceLimits.PROCESSOR_SECONDS, seconds);
        ResourceLimits.set(pid, ResourceLimits.FILE_SIZE, 0);
        ResourceLimits.set(pid, ResourceLimits.CORE_SIZE, 0);
    }
}
