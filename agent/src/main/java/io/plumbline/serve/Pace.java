package io.plumbline.serve;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How often the loop looks between scans: soon enough to be of use, and seldom enough to cost little. A few looks are nearly at once; of
 * many, each waits until all together have had no more than their part of the time. One thread at a time.
 */
final class Pace {

    /** Looks between scans have this part of the time of a core: so much does a storm cost. */
    private static final int PART = 10;

    /** What looks have not used of their part is theirs for as long as this many nanoseconds of looking: a container starts in a few. */
    private static final long MOST_SAVED = Duration.ofMillis(150).toNanos();

    /** But what happens meanwhile is to be seen within a second. */
    private static final Duration LONGEST_PAUSE_AFTER_LOOK = Duration.ofMillis(500);

    /** What a long look has used too much is not held against all that come after. */
    private static final long MOST_OWED = -LONGEST_PAUSE_AFTER_LOOK.toNanos() / PART;

    /** A scan because of lost events is followed by no other one for this long, and for ten times its length. */
    private static final Duration PAUSE_AFTER_SCAN = Duration.ofSeconds(1);

    private final LongSupplier nanos;
    private final LongSupplier cpuNanos;
    private volatile long nextLook;
    private long nextScanForLoss;

    /** What looks may use now, in nanoseconds; negative if they have used more. */
    private long saved = MOST_SAVED;

    private long savedAt;

    /** When the look under way began, by the clock of the thread's CPU time. */
    private long cpuBefore;

    private long lookBegan;

    Pace() {
        this(System::nanoTime, ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime);
    }

    /**
     * By other clocks.
     *
     * @param nanos as of {@link System#nanoTime}
     * @param cpuNanos CPU time of the current thread: who waits for others, or for a collection of the heap, has used nothing
     */
    Pace(LongSupplier nanos, LongSupplier cpuNanos) {
        this.nanos = nanos;
        this.cpuNanos = cpuNanos;
        nextLook = nanos.getAsLong();
        nextScanForLoss = nextLook;
        savedAt = nextLook;
    }

    /** How long until there may be a look; not positive where that is now. Any thread. */
    Duration untilLook() {
        return Duration.ofNanos(Math.max(0, nextLook - nanos.getAsLong()));
    }

    /** May a loss lead to a scan now? Else the next look is when it may. */
    boolean isTimeForScan() {
        boolean now = nextScanForLoss - nanos.getAsLong() <= 0;
        if (!now) {
            nextLook = nextScanForLoss;
        }
        return now;
    }

    /** A look begins. */
    void beginLook() {
        cpuBefore = cpuNanos.getAsLong();
        lookBegan = nanos.getAsLong();
    }

    /** It is over. */
    void endLook() {
        long now = nanos.getAsLong();
        long used = cpuNanos.getAsLong() - cpuBefore;
        saved = Math.max(MOST_OWED, Math.min(MOST_SAVED, saved + (now - savedAt) / PART) - used);
        savedAt = now;
        // Where there is next to no CPU time to have, others are to have half of it.
        long pause = Math.max(now - lookBegan, -saved * PART);
        nextLook = now + Math.min(pause, LONGEST_PAUSE_AFTER_LOOK.toNanos());
    }

    /** @param start {@link System#nanoTime} when it began */
    void scanned(long start) {
        long end = nanos.getAsLong();
        nextScanForLoss = end + Math.max(PAUSE_AFTER_SCAN.toNanos(), 10 * (end - start));
    }
}
