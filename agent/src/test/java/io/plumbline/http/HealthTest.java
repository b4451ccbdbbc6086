package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.AgentState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthTest {

    private static final Instant ATTEMPTED = Instant.parse("2026-01-02T03:04:05Z");

    private static Optional<AgentState> everyMinutes(long minutes) {
        return Optional.of(new AgentState(
                ATTEMPTED,
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

        assertThat(Health.alive(hourly, ATTEMPTED.plus(Duration.ofMinutes(61))).status())
                .isEqualTo(200);
        assertThat(Health.alive(hourly, ATTEMPTED.plus(Duration.ofMinutes(71))).status())
                .isEqualTo(503);
        assertThat(Health.alive(everyMinutes(1), ATTEMPTED.plus(Duration.ofMinutes(12)))
                        .status())
                .isEqualTo(503);
    }

    @Test
    void answerThatAClockThatWasSetBackDatesInTheFutureIsNotFresh() {
        Optional<AgentState> state = everyMinutes(1);

        assertThat(Health.ready(state, true, ATTEMPTED.plusSeconds(60)).body().toString())
                .contains("[+]kubelet last answer 60 s ago");
        assertThat(Health.ready(state, true, ATTEMPTED.minus(Duration.ofHours(2)))
                        .body()
                        .toString())
                .contains("[-]kubelet last answer -7200 s ago");
    }
}
