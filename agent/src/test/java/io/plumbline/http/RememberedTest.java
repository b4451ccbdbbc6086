package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RememberedTest {

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final Remembered<String, Boolean> rights = new Remembered<>(() -> now, yes -> Duration.ofMinutes(5));

    @Test
    void answerHoldsForItsTimeAndLongerWhereNobodyCanBeAsked() throws IOException {
        assertThat(rights.get("right", () -> true)).isTrue();
        now = now.plus(Duration.ofMinutes(5)).minusMillis(1);
        assertThat(rights.get("right", () -> false)).isTrue();
        now = now.plusMillis(1);
        assertThat(rights.get("right", RememberedTest::nobodyAnswers)).isTrue();
        assertThat(rights.get("right", () -> false)).isFalse();
    }

    /** Else a right that was taken away would be had until the clock gets there again. */
    @Test
    void clockThatIsSetBackMakesNoAnswerHoldLonger() throws IOException {
        assertThat(rights.get("right", () -> true)).isTrue();
        now = now.minus(Duration.ofHours(2));
        assertThatThrownBy(() -> rights.get("right", RememberedTest::nobodyAnswers))
                .isInstanceOf(IOException.class);
        assertThat(rights.get("right", () -> false)).isFalse();
    }

    private static boolean nobodyAnswers() throws IOException {
        throw new IOException("connection refused");
    }
}
