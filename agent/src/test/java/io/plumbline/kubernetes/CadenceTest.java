package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CadenceTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void theFirstReportsOfManyAgentsComeSpreadOverHalfAMinute() {
        List<Long> first = new ArrayList<>();
        for (int agent = 0; agent < 1000; agent++) {
            first.add(next(new Cadence(new SplittableRandom(agent), 0), 0, true) / SECOND);
        }
        for (long second = 0; second < 30; second++) {
            long at = second;
            assertThat(first.stream().filter(each -> each == at))
                    .as("in second %s", at)
                    .hasSizeBetween(10, 70);
        }
    }

    @Test
    void whatIsNewWaitsForHalfAMinuteAndNothingNewForHalfAnHour() {
        for (int agent = 0; agent < 100; agent++) {
            Cadence cadence = new Cadence(new SplittableRandom(agent), 0);
            cadence.succeeded(100 * SECOND);
            assertThat(next(cadence, 100 * SECOND, true) / SECOND - 100).isBetween(30L, 45L);
            assertThat(next(cadence, 100 * SECOND, false) / SECOND - 100).isBetween(27 * 60L, 33 * 60L);
        }
    }

    @Test
    void refusalsAreRetriedLaterAndLaterButNeverMoreThanTenMinutesLater() {
        Cadence cadence = new Cadence(new SplittableRandom(1), 0);
        long now = 60 * SECOND;
        List<Long> pauses = new ArrayList<>();
        for (int failure = 0; failure < 12; failure++) {
            cadence.failed(now, Duration.ZERO);
            long next = next(cadence, now, true);
            pauses.add((next - now) / SECOND);
            now = next;
        }
        assertThat(pauses.get(0)).isBetween(2L, 5L);
        assertThat(pauses.get(3)).isBetween(20L, 40L);
        assertThat(pauses).allMatch(pause -> pause <= 600);
        assertThat(pauses.get(11)).isGreaterThanOrEqualTo(300);
        cadence.succeeded(now);
        cadence.failed(now, Duration.ZERO);
        assertThat((next(cadence, now, true) - now) / SECOND).isLessThan(6);
    }

    @Test
    void theServerIsGivenTheTimeThatItAsksForAndAgentsDoNotComeBackTogether() {
        List<Long> back = new ArrayList<>();
        for (int agent = 0; agent < 200; agent++) {
            Cadence cadence = new Cadence(new SplittableRandom(agent), 0);
            cadence.failed(0, Duration.ofSeconds(60));
            back.add(next(cadence, 0, true) / SECOND);
        }
        assertThat(back).allMatch(second -> second >= 60 && second <= 91);
        assertThat(back.stream().distinct()).hasSizeGreaterThan(20);
    }

    private static long next(Cadence cadence, long now, boolean news) {
        long at = now;
        while (!cadence.due(at, news)) {
            at += SECOND / 4;
        }
        return at;
    }
}
