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
        /** Its first thread ended, and with it mostly the process. */
        EXIT,
        /** It began, and ended, since the batch before; nothing else is told of it. */
        LIFE
    }
}
