package io.plumbline.model;

/**
 * One process and no other: a pid alone is used again.
 *
 * @param pid as seen by the reader's {@code /proc}
 * @param startTicks start time in clock ticks since boot, field 22 of {@code /proc/<pid>/stat}
 */
public record ProcessKey(int pid, long startTicks) implements Comparable<ProcessKey> {

    public ProcessKey {
        if (pid <= 0) {
            throw new IllegalArgumentException("pid must be positive: " + pid);
        }
    }

    /** Oldest first; of the same tick, the lower pid first. */
    @Override
    public int compareTo(ProcessKey other) {
        int byAge = Long.compare(startTicks, other.startTicks);
        return byAge != 0 ? byAge : Integer.compare(pid, other.pid);
    }
}
