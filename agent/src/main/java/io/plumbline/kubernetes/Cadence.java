package io.plumbline.kubernetes;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When one agent of many writes its report: soon after something is new, now and then when nothing is, and later and later while the API
 * server refuses. Every pause has chance in it, so that a rollout, or an API server that comes back, does not meet all agents at once.
 *
 * <p>Times are nanoseconds of a clock that only goes forward.
 */
public final class Cadence {

    /** After something new at least this passes before the next report, and at most half as much again. */
    public static final Duration SHORTEST = Duration.ofSeconds(30);

    /** With nothing new, a report that says so: half an hour, give or take a tenth. */
    public static final Duration LONGEST = Duration.ofMinutes(30);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LAST_RETRY = Duration.ofMinutes(10);

    private final RandomGenerator random;
    private final Pauses pauses;
    private long earliest;
    private long latest;
    private int failures;

    /**
     * How long is soon, and how long is late.
     *
     * @param firstRetry the first pause after a failure; each further one is up to twice as long
     * @param lastRetry and not longer than this
     */
    record Pauses(Duration shortest, Duration longest, Duration firstRetry, Duration lastRetry) {}

    /** @param now the first report is due in the next {@link #SHORTEST}, by chance */
    public Cadence(RandomGenerator random, long now) {
        this(random, now, new Pauses(SHORTEST, LONGEST, FIRST_RETRY, LAST_RETRY));
    }

    Cadence(RandomGenerator random, long now, Pauses pauses) {
        this.random = random;
        this.pauses = pauses;
        this.earliest = now + (long) (pauses.shortest.toNanos() * random.nextDouble());
        this.latest = earliest;
    }

    /** Is it time to write? */
    public boolean due(long now, boolean news) {
        return now - earliest >= 0 && (news || now - latest >= 0);
    }

    /** How long it is not yet time to try again; zero where it is. */
    Duration left(long now) {
        return Duration.ofNanos(Math.max(0, earliest - now));
    }

    /** It was written. */
    public void succeeded(long now) {
        failures = 0;
        earliest = now + (long) (pauses.shortest.toNanos() * (1 + random.nextDouble() / 2));
        latest = now + (long) (pauses.longest.toNanos() * (0.9 + random.nextDouble() / 5));
    }

    /**
     * It was refused, or nobody answered.
     *
     * @param atLeast what the server asks to wait, {@code Retry-After}; zero where it does not say
     */
    public void failed(long now, Duration atLeast) {
        long most = pauses.firstRetry.toNanos() << Math.min(failures, 10);
        most = Math.min(most, pauses.lastRetry.toNanos());
        failures++;
        // between half and all of it: never at once, never together
        long pause = Math.max((long) (most * (0.5 + random.nextDouble() / 2)), longer(atLeast));
        earliest = now + pause;
        latest = earliest;
    }

    /** Those who were told the same second do not come back in the same second. */
    private long longer(Duration atLeast) {
        long bounded = Math.min(atLeast.toNanos(), pauses.lastRetry.toNanos());
        return (long) (bounded * (1 + random.nextDouble() / 2));
    }
}
