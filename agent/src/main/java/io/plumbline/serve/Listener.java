package io.plumbline.serve;

import io.plumbline.model.AgentState.Events;
import io.plumbline.model.EventBatch;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears what the kernel tells of processes, on a thread of its own. */
final class Listener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final Optional<EventSource> source;
    private final Changes changes;
    private final InstantSource clock;
    private final Runnable news;
    private final HearingThread thread = new HearingThread("events", this::hear);
    private final Optional<String> backend;
    private volatile Optional<String> trouble;

    /** @param news told whenever {@code changes} holds something */
    Listener(Hearing hearing, Changes changes, InstantSource clock, Runnable news) {
        this.source = hearing.source();
        this.trouble = hearing.refusal();
        this.backend = source.map(EventSource::backend);
        this.changes = changes;
        this.clock = clock;
        this.news = news;
    }

    void start() {
        if (source.isPresent()) {
            thread.start();
        }
    }

    Events state() {
        Optional<String> why = trouble;
        return new Events(why.isPresent() ? Optional.empty() : backend, why, changes.lost());
    }

    private void hear() throws InterruptedException {
        try (EventSource heard = source.orElseThrow()) {
            while (thread.goesOn()) {
                EventBatch batch = heard.next(HearingThread.LONGEST_WAIT);
                changes.add(batch, clock.instant(), System.nanoTime());
                if (changes.isDue() || changes.isScanWanted()) {
                    news.run();
                }
                if (!batch.events().isEmpty()) {
                    thread.gather(batch.events().size());
                }
            }
        } catch (IOException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
            LOG.warn("{}; from now on changes are seen only by scans", e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
