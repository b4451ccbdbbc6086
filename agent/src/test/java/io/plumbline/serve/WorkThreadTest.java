package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkThreadTest {
    private final WorkThread thread = new WorkThread("test");
    private final List<String> done = new CopyOnWriteArrayList<>();

    @Test
    void whatIsPlannedIsDoneWhenItsTimeHasComeThoughSomethingElseFailed() throws InterruptedException {
        thread.plan(() -> done.add("in an hour"), Duration.ofHours(1));
        thread.plan(
                () -> {
                    throw new IllegalStateException("odd");
                },
                Duration.ZERO);
        thread.plan(() -> done.add("now"), Duration.ZERO);
        await().until(() -> done.equals(List.of("now")));

        Duration pause = Duration.ofMillis(50);
        AtomicLong waited = new AtomicLong();
        long planned = System.nanoTime();
        thread.plan(
                () -> {
                    waited.set(System.nanoTime() - planned);
                    done.add("later");
                },
                pause);
        await().until(() -> done.equals(List.of("now", "later")));
        assertThat(waited.get()).isGreaterThanOrEqualTo(pause.toNanos());
        assertThat(thread.end()).isTrue();
    }

    @Test
    void itEndsAfterWhatIsUnderWayAndWithoutWhatIsPlanned() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch ending = new CountDownLatch(1);
        thread.plan(
                () -> {
                    begun.countDown();
                    try {
                        ending.await();
                    } catch (InterruptedException e) {
                        done.add("interrupted");
                    }
                    done.add("under way");
                    thread.plan(() -> done.add("planned at the end"), Duration.ZERO);
                },
                Duration.ZERO);
        begun.await();
        thread.plan(() -> done.add("its time has come"), Duration.ZERO);
        thread.plan(() -> done.add("its time comes"), Duration.ofMillis(1));
        FutureTask<Boolean> end = new FutureTask<>(thread::end);
        Thread waiting = new Thread(end, "end");
        waiting.start();
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        ending.countDown();
        assertThat(end.get()).isTrue();
        thread.plan(() -> done.add("planned after the end"), Duration.ZERO);
        assertThat(done).containsExactly("under way");
    }
}
