package io.plumbline.serve;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How long to wait for more, after something was heard: a few times in a row not at all, and of a storm some milliseconds at a time. */
final class Gathering {

    private static final Duration PAUSE = Duration.ofMillis(5);

    /** A container starts with fewer. */
    private static final int AT_ONCE = 8;

    /** So much at a time, and more is to come. */
    static final int STORM = 16;

    private final LongSupplier nanos;

    /** Time that passed without a pause; negative if what was heard since was more than the pauses allow for. */
    private long spare = AT_ONCE * PAUSE.toNanos();

    private long before;

    /** @param nanos as of {@link System#nanoTime} */
    Gathering(LongSupplier nanos) {
        this.nanos = nanos;
        this.before = nanos.getAsLong();
    }

    /**
     * Something was heard.
     *
     * @param count of how much at a time
     */
    Duration pause(int count) {
        long now = nanos.getAsLong();
        spare = Math.min(AT_ONCE * PAUSE.toNanos(), spare + now - before) - PAUSE.toNanos();
        before = now;
        if (count >= STORM) {
            spare = Math.min(spare, -PAUSE.toNanos());
        }
        return spare < 0 ? PAUSE : Duration.ZERO;
    }
}
