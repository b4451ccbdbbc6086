package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Pods;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said while nobody answers. */
@Timeout(60)
class DeclaredAnswersTest {

    private final Semaphore answers = new Semaphore(0);

    /** As a kubelet did that sent too much each time, more slowly than a scan waits: the log had two lines for each question. */
    @Test
    void whileNobodyHasAnsweredAgainTheLastFailureIsWhatIsSaid() throws InterruptedException {
        try (DeclaredAnswers kubelet = new DeclaredAnswers(
                Optional.of(() -> {
                    answers.acquireUninterruptibly();
                    throw new IOException("too large");
                }),
                () -> Instant.parse("2026-11-20T21:48:01Z"),
                Duration.ofMillis(20),
                () -> {},
                Set::of)) {
            assertThat(kubelet.refresh().side().trouble()).contains("no answer within 20 ms; still waiting");

            answers.release();
            while (!kubelet.refresh().side().trouble().equals(Optional.of("too large"))) {
                Thread.sleep(5);
            }
            assertThat(kubelet.refresh().side().trouble()).contains("too large");
        }
    }

    @Test
    void slownessIsSaidOfWhoHasAnsweredBefore() {
        answers.release();
        try (DeclaredAnswers kubelet = new DeclaredAnswers(
                Optional.of(() -> {
                    answers.acquireUninterruptibly();
                    return Pods.read("metadata: {name: web}");
                }),
                () -> Instant.parse("2026-11-20T21:48:01Z"),
                Duration.ofSeconds(1),
                () -> {},
                Set::of)) {
            while (kubelet.refresh().side().trouble().isPresent()) {
                Thread.onSpinWait();
            }
            assertThat(kubelet.refresh().side().trouble()).contains("no answer within 1000 ms; still waiting");
        }
    }
}
