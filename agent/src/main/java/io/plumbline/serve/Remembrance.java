package io.plumbline.serve;

import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.OpenFinding;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is open in a file, where there is one to keep it in. A file that cannot be written does not stop the agent.
 *
 * <p>A thread of its own writes, soon: it waits for the disk, and whoever looks is not to wait with it. It has a twentieth of the time, and of
 * what changes meanwhile the last is written.
 */
final class Remembrance implements AutoCloseable {

    /** Each write is an fsync(2); when a finding was seen last is worth one of them a minute, not one with every scan. */
    private static final Duration LAST_SEEN = Duration.ofMinutes(1);

    /** A pause after a write is so many times its length, so that findings that come and go do not keep the disk busy. */
    private static final int PAUSE_AFTER_WRITE = 19;

    private static final Duration LONGEST_PAUSE_AFTER_WRITE = Duration.ofSeconds(1);

    /** What could not be written is tried again after this. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Remembrance.class);

    private final Optional<StateFile> file;
    private final Runnable news;
    private final WorkThread writer = new WorkThread("state");

    /** To be written; while there is something, a write is planned. */
    private final AtomicReference<@Nullable Supplier<List<OpenFinding>>> wanted = new AtomicReference<>();

    private volatile long nextWrite = System.nanoTime();
    private volatile Optional<String> trouble = Optional.empty();
    private Instant kept = Instant.EPOCH;

    /** @param news told, by any thread, when {@link #state} is another one */
    Remembrance(Optional<StateFile> file, Runnable news) {
        this.file = file;
        this.news = news;
    }

    /** What was open when the last agent ended, or is open to one that has not ended yet. */
    List<OpenFinding> recall() {
        if (file.isEmpty()) {
            return List.of();
        }
        try {
            // First, so that whoever had it writes nothing more behind what is read.
            file.get().claim();
        } catch (IOException e) {
            be(trouble(e));
        }
        try {
            StateFile.Memory memory = file.get().read();
            memory.trouble().ifPresent(LOG::warn);
            return memory.open();
        } catch (IOException e) {
            be(trouble(e));
            return List.of();
        }
    }

    /**
     * @param open asked only if it is to be written, by the thread that does
     * @param changed something opened or closed, which is written soon
     */
    void keep(Supplier<List<OpenFinding>> open, boolean changed, Instant now) {
        boolean due = changed || Duration.between(kept, now).abs().compareTo(LAST_SEEN) > 0;
        if (file.isEmpty() || !due) {
            return;
        }
        kept = now;
        if (wanted.getAndSet(open) == null) {
            writer.plan(this::write, Duration.ofNanos(nextWrite - System.nanoTime()));
        }
    }

    Memory state() {
        return new Memory(file.map(kept -> kept.directory().toString()), trouble);
    }

    private void write() {
        Supplier<List<OpenFinding>> open = wanted.getAndSet(null);
        if (open == null || file.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        try {
            if (file.get().write(open.get())) {
                LOG.warn(
                        "{}: was removed or replaced; state is kept there anew",
                        file.get().directory());
            }
            be(Optional.empty());
        } catch (IOException e) {
            be(trouble(e));
        } catch (RuntimeException e) {
            Optional<String> bug = Optional.of("bug: " + e);
            if (!trouble.equals(bug)) {
                LOG.error("a write failed; this is a bug in plumbline, please report it", e);
            }
            be(bug);
        }
        long end = System.nanoTime();
        nextWrite = end + Math.min(PAUSE_AFTER_WRITE * (end - start), LONGEST_PAUSE_AFTER_WRITE.toNanos());
        // Unless there is something newer, which is planned then.
        if (trouble.isPresent() && wanted.compareAndSet(null, open)) {
            writer.plan(this::write, PAUSE_AFTER_FAILURE);
        }
    }

    private static Optional<String> trouble(IOException failure) {
        return Optional.of(String.valueOf(failure.getMessage()));
    }

    /** Said once, and told at once. */
    private void be(Optional<String> now) {
        if (now.equals(trouble)) {
            return;
        }
        trouble = now;
        now.ifPresentOrElse(
                why -> LOG.warn("{}; findings will not outlive this agent until that works", why),
                () -> LOG.info("{}: state is written again", state().directory().orElse("")));
        news.run();
    }

    /** Writes what is still to be written, and nothing after it; nothing if a write under way does not end, or who waits for it is interrupted. */
    @Override
    public void close() {
        try {
            if (writer.end()) {
                write();
            } else {
                LOG.warn("a write does not end; the findings that are open now are not saved");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
