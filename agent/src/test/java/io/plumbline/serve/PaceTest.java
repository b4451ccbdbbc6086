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
    void fewLooksFollowEachOtherAndLeaveHalfOfTheTimeToOthers() {
        for (int i = 0; i < 8; i++) {
            look(Duration.ofMillis(17));
            assertThat(pace.untilLook()).isEqualTo(Duration.ofMillis(17));
            now += TimeUnit.MILLISECONDS.toNanos(17);
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
        int soon = 0;
        while (pace.untilLook().compareTo(Duration.ofMillis(17)) <= 0) {
            now += pace.untilLook().toNanos();
            look(Duration.ofMillis(17));
            soon++;
        }
        assertThat(soon).isBetween(9, 12);
    }

    /** What one look costs on a node that is far too busy cannot keep the next one away. */
    @Test
    void nobodyWaitsLongerThanHalfASecond() {
        look(Duration.ofSeconds(30));
        assertThat(pace.untilLook()).isEqualTo(Duration.ofMillis(500));
        now += TimeUnit.MILLISECONDS.toNanos(500);
        look(Duration.ofMillis(1));
        assertThat(pace.untilLook()).isLessThan(Duration.ofMillis(15));
    }

    /** As where the heap was collected, or another process ran. */
    @Test
    void whoWaitedHasUsedNothingAndWaitsAsLongAgain() {
        pace.beginLook();
        now += TimeUnit.MILLISECONDS.toNanos(60);
        cpu += TimeUnit.MILLISECONDS.toNanos(17);
        pace.endLook();
        assertThat(pace.untilLook()).isEqualTo(Duration.ofMillis(60));
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
