package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    private long now = TimeUnit.DAYS.toNanos(-3);
    private long cpu = TimeUnit.DAYS.toNanos(1);
    private final Pace pace = new Pace(() -> now, () -> cpu);

    @Test
    void fewLooksFollowEachOtherAtOnce() {
        for (int i = 0; i < 8; i++) {
            assertThat(pace.untilLook()).isZero();
            look(Duration.ofMillis(17));
        }
    }

    @Test
    void manyLooksHaveATenthOfTheTimeInAll() {
        long begin = now;
        long looked = 0;
        while (now - begin < TimeUnit.MINUTES.toNanos(1)) {
            now += pace.untilLook().toNanos();
            look(Duration.ofMillis(17));
            looked += TimeUnit.MILLISECONDS.toNanos(17);
        }
        assertThat((double) looked / (now - begin)).isBetween(0.095, 0.105);
    }

    @Test
    void whoHasNotLookedForLongMayLookAtOnceAgainAndNotMoreThanThat() {
        for (int i = 0; i < 20; i++) {
            look(Duration.ofMillis(17));
        }
        assertThat(pace.untilLook()).isPositive();
        now += TimeUnit.HOURS.toNanos(1);
        int atOnce = 0;
        while (pace.untilLook().isZero()) {
            look(Duration.ofMillis(17));
            atOnce++;
        }
        assertThat(atOnce).isBetween(9, 11);
    }

    /** What one look costs on a node that is far too busy cannot keep the next one away. */
    @Test
    void nobodyWaitsLongerThanHalfASecond() {
        look(Duration.ofSeconds(30));
        assertThat(pace.untilLook()).isEqualTo(Duration.ofMillis(500));
    }

    /** As where the heap was collected, or another process ran. */
    @Test
    void whoWaitedHasUsedNothing() {
        pace.beginLook();
        now += TimeUnit.SECONDS.toNanos(1);
        cpu += TimeUnit.MILLISECONDS.toNanos(17);
        pace.endLook();
        assertThat(pace.untilLook()).isZero();
    }

    @Test
    void scansForLossAreSeldom() {
        assertThat(pace.isTimeForScan()).isTrue();
        now += TimeUnit.MILLISECONDS.toNanos(200);
        pace.scanned(now - TimeUnit.MILLISECONDS.toNanos(200));
        assertThat(pace.isTimeForScan()).isFalse();
        assertThat(pace.untilLook()).isEqualTo(Duration.ofSeconds(2));
        now += TimeUnit.SECONDS.toNanos(2);
        assertThat(pace.isTimeForScan()).isTrue();
    }

    private void look(Duration length) {
        pace.beginLook();
        now += length.toNanos();
        cpu += length.toNanos();
        pace.endLook();
    }
}
