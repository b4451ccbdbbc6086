package io.plumbline.model;

/**
 * What the kernel says happened to a process.
 *
 * @param pid in the initial pid namespace; of {@link Kind#FORK} that of the new process
 * @param monotonicNanos CLOCK_MONOTONIC when it happened
 */
public record ProcessEvent(Kind kind, int pid, long monotonicNanos) {

    /** What happened. */
    public enum Kind {
        FORK,
        EXEC,
        /** One of its threads changed its user or group ids. */
        CREDENTIALS,
        /** Its last thread ended; by the process connector its first one, and with that mostly the process. */
        EXIT,
        /** It began then, and has ended since. */
        LIFE
    }
}
