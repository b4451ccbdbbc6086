package io.plumbline.serve;

import java.time.Duration;

/** How often the loop looks between scans: soon enough to be of use, and seldom enough to cost little. One thread at a time. */
final class Pace {

    /** After a look between scans there is a pause of so many times its length: a storm costs a tenth of a core. */
    private static final int PAUSE_AFTER_LOOK = 9;

    /** But what happens meanwhile is to be seen within a second. */
    private static final Duration LONGEST_PAUSE_AFTER_LOOK = Duration.ofMillis(500);

    /** A scan because of lost events is followed by no other one for this long, and for ten times its length. */
    private static final Duration PAUSE_AFTER_SCAN = Duration.ofSeconds(1);

    private volatile long nextLook = System.nanoTime();
    private long nextScanForLoss = System.nanoTime();

    /** How long until there may be a look; not positive where that is now. Any thread. */
    Duration untilLook() {
        return Duration.ofNanos(Math.max(0, nextLook - System.nanoTime()));
    }

    /** May a loss lead to a scan now? Else the next look is when it may. */
    boolean isTimeForScan() {
        boolean now = nextScanForLoss - System.nanoTime() <= 0;
        if (!now) {
            nextLook = nextScanForLoss;
        }
        return now;
    }

    /** @param start {@link System#nanoTime} when it began */
    void looked(long start) {
        long end = System.nanoTime();
        nextLook = end + Math.min(PAUSE_AFTER_LOOK * (end - start), LONGEST_PAUSE_AFTER_LOOK.toNanos());
    }

    /** @param start {@link System#nanoTime} when it began */
    void scanned(long start) {
        long end = System.nanoTime();
        nextScanForLoss = end + Math.max(PAUSE_AFTER_SCAN.toNanos(), 10 * (end - start));
    }
}
