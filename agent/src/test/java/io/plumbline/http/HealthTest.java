package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.AgentState;
import io.plumbline.model.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthTest {

    private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");

    /** The clock that only runs may have any reading, and passes from the greatest to the least. */
    private static final Moment ATTEMPTED = new Moment(STARTED, Long.MAX_VALUE);

    private static Optional<AgentState> everyMinutes(long minutes) {
        return Optional.of(new AgentState(
                STARTED,
                Duration.ofMinutes(minutes),
                ATTEMPTED,
                Optional.empty(),
                Optional.empty(),
                new AgentState.DeclaredSide(true, Optional.of(ATTEMPTED), Optional.empty()),
                new AgentState.Memory(Optional.empty(), Optional.empty())));
    }

    /** Else the kubelet would start an agent again and again that scans once an hour. */
    @Test
    void pauseBetweenScansIsNoReasonToStartAgain() {
        Optional<AgentState> hourly = everyMinutes(60);

        assertThat(Health.alive(hourly, after(Duration.ofMinutes(61))).status()).isEqualTo(200);
        assertThat(Health.alive(hourly, after(Duration.ofMinutes(71))).status()).isEqualTo(503);
        assertThat(Health.alive(everyMinutes(1), after(Duration.ofMinutes(12))).status())
                .isEqualTo(503);
    }

    @Test
    void anAnswerGrowsOld() {
        Optional<AgentState> state = everyMinutes(1);

        assertThat(Health.ready(state, true, after(Duration.ofSeconds(60)))
                        .body()
                        .toString())
                .contains("[+]kubelet last answer 60 s ago");
        assertThat(Health.ready(state, true, after(Duration.ofSeconds(241)))
                        .body()
                        .toString())
                .contains("[-]kubelet last answer 241 s ago");
    }

    private static long after(Duration age) {
        return ATTEMPTED.nanos() + age.toNanos();
    }
}
