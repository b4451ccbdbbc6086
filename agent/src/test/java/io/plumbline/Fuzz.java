package io.plumbline;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a property on one made-up input after the other, and says how to get the one that broke it again.
 *
 * <p>Every round has a seed of its own, made of the run's seed and the round's number; the run's seed is fixed, so {@code ./verify} asks
 * the same each time. {@code -Dplumbline.fuzz.seed=N} takes another, {@code -Dplumbline.fuzz.seconds=N} goes on for so long at each
 * property, {@code -Dplumbline.fuzz.round=N} does that one alone. A round must end within bounds of processor time and memory too.
 */
public final class Fuzz {
    private static final long SEED = Long.getLong("plumbline.fuzz.seed", 20261121);
    private static final Optional<Duration> LONGER =
            Optional.ofNullable(Long.getLong("plumbline.fuzz.seconds")).map(Duration::ofSeconds);
    private static final @Nullable Long ONLY = Long.getLong("plumbline.fuzz.round");

    /** Of a thread that may share its processor with a whole build. */
    private static final Duration HANGS = Duration.ofSeconds(60);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String what;
    private Duration most = Duration.ofSeconds(2);
    private long bytes = 64 << 20;

    private Fuzz(String what) {
        this.what = what;
    }

    /** What must hold for every input. */
    public interface Property {
        /** Makes an input, tries it, and throws where the answer is wrong. */
        void holds(Noise noise) throws Exception;
    }

    /** Fuzzing of this, named in failures. */
    public static Fuzz of(String what) {
        return new Fuzz(what);
    }

    /** Bounds of one round: processor time, and bytes allocated. */
    public Fuzz within(Duration time, long allocated) {
        most = time;
        bytes = allocated;
        return this;
    }

    /** Does so many rounds; or as long, or the one, that the command line asks for. Returns how many there were. */
    public long rounds(long count, Property property) {
        Run run = new Run(property, count);
        Thread thread = new Thread(run, "fuzz " + what);
        thread.setDaemon(true);
        thread.start();
        while (thread.isAlive()) {
            try {
                TimeUnit.SECONDS.timedJoin(thread, 1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (thread.isAlive() && System.nanoTime() - run.since > HANGS.toNanos()) {
                String stack = Arrays.stream(thread.getStackTrace())
                        .map(frame -> "\n\tat " + frame)
                        .collect(Collectors.joining());
                throw new AssertionError(again(run.round) + " hangs" + stack);
            }
        }
        if (run.failure != null) {
            throw run.failure;
        }
        return run.done;
    }

    private String again(long round) {
        return what + ": -Dplumbline.fuzz.seed=" + SEED + " -Dplumbline.fuzz.round=" + round;
    }

    private final class Run implements Runnable {
        private final Property property;
        private final long count;
        private volatile long since = System.nanoTime();
        private volatile long round;
        private volatile long done;
        private volatile @Nullable AssertionError failure;

        Run(Property property, long count) {
            this.property = property;
            this.count = count;
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            long first = ONLY == null ? 0 : ONLY;
            for (long next = first; isWanted(start, next); next++) {
                round = next;
                since = System.nanoTime();
                try {
                    one();
                } catch (Throwable e) {
                    // Also an OutOfMemoryError or a StackOverflowError is an answer that no input may get.
                    failure = new AssertionError(again(round), e);
                    return;
                }
                done = next + 1 - first;
            }
        }

        private boolean isWanted(long start, long next) {
            if (ONLY != null) {
                return next == ONLY;
            }
            return LONGER.map(time -> System.nanoTime() - start < time.toNanos())
                    .orElse(next < count);
        }

        private void one() throws Exception {
            long time = THREADS.getCurrentThreadCpuTime();
            long memory = THREADS.getCurrentThreadAllocatedBytes();
            // The text's hash keeps two properties from asking with the same inputs.
            property.holds(new Noise(SEED * 31 + what.hashCode(), round));
            long took = THREADS.getCurrentThreadCpuTime() - time;
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - memory;
            // The first rounds load classes.
            if (took > most.toNanos() && round > 20) {
                throw new AssertionError("took " + Duration.ofNanos(took) + ", more than " + most);
            }
            if (allocated > bytes) {
                throw new AssertionError("allocated " + allocated + " bytes, more than " + bytes);
            }
        }
    }
}
