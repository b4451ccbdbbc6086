package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class WorkThreadTest {
    private final WorkThread thread = new WorkThread("test");
    private final List<String> done = new CopyOnWriteArrayList<>();

    @Test
    void whatIsPlannedIsDoneWhenItsTimeHasComeThoughSomethingElseFailed() throws InterruptedException {
        thread.plan(() -> done.add("later"), Duration.ofMillis(50));
        thread.plan(
                () -> {
                    throw new IllegalStateException("odd");
                },
                Duration.ZERO);
        thread.plan(() -> done.add("now"), Duration.ZERO);
        await().until(() -> done.equals(List.of("now", "later")));
        assertThat(thread.end()).isTrue();
    }

    @Test
    void itEndsAfterWhatIsUnderWayAndWithoutWhatIsPlanned() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        thread.plan(
                () -> {
                    begun.countDown();
                    try {
                        Thread.sleep(100);
                    } catch (InterruptedException e) {
                        done.add("interrupted");
                    }
                    done.add("under way");
                    thread.plan(() -> done.add("planned at the end"), Duration.ZERO);
                },
                Duration.ZERO);
        thread.plan(() -> done.add("planned"), Duration.ofMillis(1));
        begun.await();
        assertThat(thread.end()).isTrue();
        thread.plan(() -> done.add("planned after the end"), Duration.ZERO);
        assertThat(done).containsExactly("under way");
    }
}
