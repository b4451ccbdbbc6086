package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GatheringTest {

    private static final Duration PAUSE = Duration.ofMillis(5);

    private final AtomicLong now = new AtomicLong(-7);
    private final Gathering gathering = new Gathering(now::get);

    @Test
    void fewAreNotWaitedFor() {
        assertThat(IntStream.range(0, 8).mapToObj(i -> gathering.pause(1))).containsOnly(Duration.ZERO);
        assertThat(gathering.pause(1)).isEqualTo(PAUSE);
    }

    @Test
    void inAStormItIsOncePerPause() {
        IntStream.range(0, 8).forEach(i -> gathering.pause(1));
        for (int i = 0; i < 100; i++) {
            assertThat(gathering.pause(1)).isEqualTo(PAUSE);
            now.addAndGet(PAUSE.toNanos());
        }
    }

    @Test
    void muchAtATimeIsAStormAtOnce() {
        assertThat(gathering.pause(Gathering.STORM)).isEqualTo(PAUSE);
        now.addAndGet(PAUSE.toNanos());
        assertThat(gathering.pause(1)).isEqualTo(PAUSE);
    }

    @Test
    void afterAQuietMomentFewAreNotWaitedForAgain() {
        IntStream.range(0, 100).forEach(i -> gathering.pause(1));
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(IntStream.range(0, 8).mapToObj(i -> gathering.pause(1))).containsOnly(Duration.ZERO);
        assertThat(gathering.pause(1)).isEqualTo(PAUSE);
    }
}
