package io.plumbline.bench;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The CPU time of a process, user and system, threads that have ended included: its clock of clock_getcpuclockid(3). */
final class CpuClock {

    private static final int CPUCLOCK_SCHED = 2;

    private final Libc libc = Native.load("c", Libc.class);
    private final Memory time = new Memory(16);
    private final int clock;

    private CpuClock(int clock) {
        this.clock = clock;
    }

    /** Of this process. */
    static CpuClock own() {
        return of(0);
    }

    /** Of another one; 0 is this one. */
    static CpuClock of(long pid) {
        return new CpuClock((int) (~pid << 3 | CPUCLOCK_SCHED));
    }

    interface Libc extends Library {
        int clock_gettime(int clock, Pointer time);
    }

    /**
     * Nanoseconds since it began.
     *
     * @throws IllegalStateException if there is no such process any more
     */
    long nanos() {
        if (libc.clock_gettime(clock, time) != 0) {
            throw new IllegalStateException("the process whose clock was asked has ended");
        }
        return time.getLong(0) * 1_000_000_000 + time.getLong(8);
    }
}
