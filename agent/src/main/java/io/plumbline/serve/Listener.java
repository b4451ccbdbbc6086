package io.plumbline.serve;

import io.plumbline.model.AgentState.Events;
import io.plumbline.model.EventBatch;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what the kernel tells, on a thread of its own. The first event of a quiet moment is passed on at once; of a storm some
 * milliseconds at a time.
 */
final class Listener implements AutoCloseable {

    /** As long as this a close waits, and somebody who was born waits for being told to be old. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(200);

    private static final Duration GATHERING = Duration.ofMillis(5);
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final Optional<EventSource> source;
    private final Changes changes;
    private final InstantSource clock;
    private final Runnable news;
    private final Thread thread = new Thread(this::hear, "events");

    private final boolean asked;

    private volatile boolean ending;
    private volatile Optional<String> trouble;

    /** @param news told whenever {@code changes} holds something */
    Listener(Hearing hearing, Changes changes, InstantSource clock, Runnable news) {
        this.source = hearing.source();
        this.trouble = hearing.refusal();
        this.asked = source.isPresent() || trouble.isPresent();
        this.changes = changes;
        this.clock = clock;
        this.news = news;
        thread.setDaemon(true);
    }

    void start() {
        if (source.isPresent()) {
            thread.start();
        }
    }

    Events state() {
        return new Events(asked, trouble, changes.lost());
    }

    private void hear() {
        try (EventSource heard = source.orElseThrow()) {
            while (!ending) {
                EventBatch batch = heard.next(LONGEST_WAIT);
                changes.add(batch, clock.instant(), System.nanoTime());
                if (changes.isAny() || changes.isScanWanted()) {
                    news.run();
                }
                if (!batch.events().isEmpty()) {
                    Thread.sleep(GATHERING.toMillis());
                }
            }
        } catch (IOException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
            LOG.warn("{}; from now on changes are seen by scans alone", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join(LONGEST_END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
