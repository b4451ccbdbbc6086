package io.plumbline.http;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Answers that hold for a while. One that is out of date holds on for {@link #STALE} where nobody can be asked; so many are kept, and
 * the one that was used longest ago goes first.
 */
final class Remembered<K, V> {

    /** As long a cluster without an API server keeps its monitoring. */
    static final Duration STALE = Duration.ofMinutes(15);

    private static final int MOST = 4096;

    private final InstantSource clock;
    private final Function<V, Duration> lifetime;
    private final Map<K, At<V>> answers = new LinkedHashMap<>(16, 0.75f, true);

    Remembered(InstantSource clock, Function<V, Duration> lifetime) {
        this.clock = clock;
        this.lifetime = lifetime;
    }

    V get(K key, Question<V> question) throws IOException {
        Instant now = clock.instant();
        Optional<At<V>> known = known(key);
        if (known.isPresent()
                && known.get().isYoungerThan(lifetime.apply(known.get().value()), now)) {
            return known.get().value();
        }
        try {
            V answer = question.ask();
            keep(key, new At<>(answer, now));
            return answer;
        } catch (IOException e) {
            if (known.isPresent() && known.get().isYoungerThan(STALE, now)) {
                return known.get().value();
            }
            throw e;
        }
    }

    private synchronized Optional<At<V>> known(K key) {
        return Optional.ofNullable(answers.get(key));
    }

    private synchronized void keep(K key, At<V> answer) {
        answers.put(key, answer);
        if (answers.size() > MOST) {
            answers.remove(answers.keySet().iterator().next());
        }
    }

    /** What is asked where no answer is known. */
    @FunctionalInterface
    interface Question<V> {
        V ask() throws IOException;
    }

    private record At<V>(V value, Instant at) {
        boolean isYoungerThan(Duration age, Instant now) {
            // Where the clock was set back, what was right before would hold until the clock gets there again.
            return Duration.between(at, now).abs().compareTo(age) < 0;
        }
    }
}
