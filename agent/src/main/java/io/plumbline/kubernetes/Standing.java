package io.plumbline.kubernetes;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Something of this node that is to stand in the cluster as the agent sees it: written soon after it is news, now and then while it is not,
 * and again later and later while the cluster does not take it.
 */
final class Standing<T> {

    private final String object;
    private final String counted;
    private final Cadence cadence;
    private final UnaryOperator<T> news;
    private final Function<T, ClusterWrites.Outcome> write;
    private volatile Optional<T> current = Optional.empty();
    private Optional<T> written = Optional.empty();

    /**
     * Nothing to be written yet.
     *
     * @param object what it is called in a log
     * @param counted and in the metrics
     * @param news the part of it that is worth telling soon
     */
    Standing(
            String object,
            String counted,
            Cadence cadence,
            UnaryOperator<T> news,
            Function<T, ClusterWrites.Outcome> write) {
        this.object = object;
        this.counted = counted;
        this.cadence = cadence;
        this.news = news;
        this.write = write;
    }

    String object() {
        return object;
    }

    String counted() {
        return counted;
    }

    /** This is how it is now. Returns at once. */
    void is(T now) {
        current = Optional.of(now);
    }

    /** Writes it, if it is time to; empty where it is not. */
    Optional<ClusterWrites.Outcome> turn() {
        Optional<T> latest = current;
        boolean isNews = !latest.map(news).equals(written.map(news));
        if (latest.isEmpty() || !cadence.due(System.nanoTime(), isNews)) {
            return Optional.empty();
        }
        ClusterWrites.Outcome outcome = write.apply(latest.get());
        long now = System.nanoTime();
        if (outcome instanceof ClusterWrites.Outcome.Refused refused) {
            cadence.failed(now, refused.after());
        } else {
            cadence.succeeded(now);
            written = latest;
        }
        return Optional.of(outcome);
    }
}
