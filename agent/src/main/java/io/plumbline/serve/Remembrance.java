package io.plumbline.serve;

import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.OpenFinding;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final Duration LONGEST_WAIT_FOR_END = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Remembrance.class);

    private final Optional<StateFile> file;
    private final ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "state");
        thread.setDaemon(true);
        return thread;
    });

    /** To be written; while there is something, a write is planned. */
    private final AtomicReference<@Nullable List<OpenFinding>> wanted = new AtomicReference<>();

    private volatile long nextWrite = System.nanoTime();
    private volatile Optional<String> trouble = Optional.empty();
    private Instant kept = Instant.EPOCH;

    Remembrance(Optional<StateFile> file) {
        this.file = file;
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
            failed(e);
        }
        try {
            StateFile.Memory memory = file.get().read();
            memory.trouble().ifPresent(LOG::warn);
            return memory.open();
        } catch (IOException e) {
            failed(e);
            return List.of();
        }
    }

    /** @param changed something opened or closed, which is written soon */
    void keep(List<OpenFinding> open, boolean changed, Instant now) {
        boolean due = changed || trouble.isPresent() || kept.plus(LAST_SEEN).isBefore(now);
        if (file.isEmpty() || !due) {
            return;
        }
        kept = now;
        if (wanted.getAndSet(open) == null) {
            try {
                // Never fails: what goes wrong is said.
                ScheduledFuture<?> unused =
                        writer.schedule(this::write, nextWrite - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("the loop ends", e);
            }
        }
    }

    /**
     * Writes these, and no others after them.
     *
     * @throws InterruptedException if that happens while a write does not end; then nothing is written
     */
    void keepLast(List<OpenFinding> open) throws InterruptedException {
        writer.shutdown();
        if (writer.awaitTermination(LONGEST_WAIT_FOR_END.toMillis(), TimeUnit.MILLISECONDS)) {
            wanted.set(open);
            write();
        } else {
            LOG.warn("the write under way does not end; what is open now is not written");
        }
    }

    Memory state() {
        return new Memory(file.map(kept -> kept.directory().toString()), trouble);
    }

    private void write() {
        List<OpenFinding> open = wanted.getAndSet(null);
        if (open == null || file.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        try {
            file.get().write(open);
            if (trouble.isPresent()) {
                LOG.info("{}: can be written again", file.get().directory());
            }
            trouble = Optional.empty();
        } catch (IOException e) {
            failed(e);
        } catch (RuntimeException e) {
            LOG.error("this is a bug in plumbline, please report it", e);
        }
        long end = System.nanoTime();
        nextWrite = end + Math.min(PAUSE_AFTER_WRITE * (end - start), LONGEST_PAUSE_AFTER_WRITE.toNanos());
    }

    private void failed(IOException failure) {
        String why = String.valueOf(failure.getMessage());
        if (!trouble.equals(Optional.of(why))) {
            LOG.warn("{}; findings will not outlive this agent until that works again", why);
        }
        trouble = Optional.of(why);
    }

    /** What is still to be written is written. */
    @Override
    public void close() {
        writer.shutdown();
    }
}
