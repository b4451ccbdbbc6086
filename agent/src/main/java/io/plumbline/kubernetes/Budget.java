package io.plumbline.kubernetes;

import java.time.Duration;

/** So many at once, and after that one in a while: what one node may cost the cluster whatever happens on it. */
final class Budget {

    private final int most;
    private final long nanosEach;
    private double left;
    private long counted;

    /**
     * Full at first.
     *
     * @param now nanoseconds of a clock that only goes forward
     */
    Budget(int most, Duration each, long now) {
        this.most = most;
        this.nanosEach = each.toNanos();
        this.left = most;
        this.counted = now;
    }

    /** Takes one, if there is one. */
    boolean take(long now) {
        left = Math.min(most, left + (double) (now - counted) / nanosEach);
        counted = now;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
