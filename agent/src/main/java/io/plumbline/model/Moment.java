package io.plumbline.model;

import java.time.Duration;
import java.time.Instant;

/**
 * When something was, by two clocks: one says it to people, the other how long ago that is, for the first may be set forward or back at any
 * time, as it is on a node that has just started.
 *
 * @param at by the clock on the wall
 * @param nanos by {@link System#nanoTime}, at the same time
 */
public record Moment(Instant at, long nanos) {

    /** How long ago it was at another reading of {@link System#nanoTime}. */
    public Duration ageAt(long nanosThen) {
        return Duration.ofNanos(nanosThen - nanos);
    }
}
