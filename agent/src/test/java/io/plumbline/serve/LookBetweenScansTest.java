package io.plumbline.serve;

import static io.plumbline.SketchedReport.container;
import static io.plumbline.SketchedReport.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.plumbline.SketchedReport;
import io.plumbline.model.AgentState;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.EventBatch;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingChange;
import io.plumbline.model.Occasion;
import io.plumbline.model.ProcessEvent;
import io.plumbline.model.ProcessEvent.Kind;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop whose next scan is an hour away: whatever it notices, it notices by events. */
class LookBetweenScansTest {
    private static final ContainerIdentity WEB = container("shop", "web");

    private final BlockingQueue<EventBatch> kernel = new LinkedBlockingQueue<>();
    private final List<Occasion> occasions = new CopyOnWriteArrayList<>();
    private final List<FindingChange> changes = new CopyOnWriteArrayList<>();
    private final AtomicReference<Optional<AgentState>> state = new AtomicReference<>(Optional.empty());
    private final AtomicReference<ScanReport> node = new AtomicReference<>(report(false));
    private volatile Duration lookTakes = Duration.ZERO;
    private volatile Optional<String> broken = Optional.empty();
    private volatile Optional<String> shortage = Optional.empty();
    private final ScanLoop loop = new ScanLoop(
            this::look,
            Optional.empty(),
            Optional.empty(),
            Duration.ofHours(1),
            InstantSource.system(),
            (now, changed) -> {
                changes.addAll(changed);
                state.set(Optional.of(now));
            },
            Hearing.of(new Kernel()),
            () -> AgentState.Written.NONE);

    @AfterEach
    void stop() {
        loop.close();
    }

    @Test
    void eventLeadsToALookAtThatProcessAndTheFindingOpensWithItsDelay() {
        start();
        node.set(report(true));
        kernel.add(new EventBatch(List.of(new ProcessEvent(Kind.EXEC, 7, System.nanoTime())), 0));
        await().until(() -> !changes.isEmpty());
        assertThat(occasions.get(1).changed()).isEqualTo(Set.of(7));
        assertThat(occasions.get(1).witnessed()).containsKey(7);
        assertThat(changes.get(0)).isInstanceOfSatisfying(FindingChange.Opened.class, opened -> {
            assertThat(opened.finding().id()).isEqualTo(id(WEB, "seccomp"));
            assertThat(opened.delay().orElseThrow()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
        });
        assertThat(open()).containsExactly(id(WEB, "seccomp"));
    }

    @Test
    void endOfTheProcessClosesItWithoutAScan() {
        start();
        node.set(report(true));
        kernel.add(new EventBatch(List.of(new ProcessEvent(Kind.EXEC, 7, System.nanoTime())), 0));
        await().until(() -> !open().isEmpty());
        node.set(report(false));
        kernel.add(new EventBatch(List.of(new ProcessEvent(Kind.EXIT, 7, System.nanoTime())), 0));
        await().atMost(Duration.ofSeconds(20)).until(() -> open().isEmpty());
        assertThat(changes).hasSize(2);
        assertThat(occasions).filteredOn(occasion -> occasion.everything()).hasSize(1);
    }

    @Test
    void lossLeadsToAScanAndIsCounted() {
        start();
        kernel.add(new EventBatch(List.of(), 3));
        await().until(() -> occasions.stream().filter(one -> one.everything()).count() == 2);
        await().until(() -> state.get().orElseThrow().events().lost() == 3);
    }

    /** The next scan is an hour away, and no event told of his birth. */
    @Test
    void whoWasTooYoungForTheFirstScanIsLookedAtWhenHeIsOldEnough() {
        node.set(SketchedReport.at(InstantSource.system().instant())
                .runsNewborn(7)
                .report());
        start();
        long begin = System.nanoTime();
        await().atMost(Duration.ofSeconds(20)).until(() -> occasions.size() == 2);
        assertThat(occasions.get(1).changed()).isEqualTo(Set.of(7));
        assertThat(occasions.get(1).everything()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1500));
    }

    /** No event tells of it any more, so that it takes a second scan to believe it, and the next one is an hour away. */
    @Test
    void whatALostEventToldOfOpensByTheScansThatFollow() {
        start();
        node.set(SketchedReport.at(InstantSource.system().instant())
                .shows(Severity.HIGH, "seccomp", WEB)
                .report());
        kernel.add(new EventBatch(List.of(), 3));
        await().atMost(Duration.ofSeconds(20)).until(() -> open().equals(List.of(id(WEB, "seccomp"))));
    }

    /** Else a node that starts processes all the time would be nothing but looked at. */
    @Test
    void stormOfEventsIsLookedAtManyAtATimeWithPausesBetween() {
        start();
        lookTakes = Duration.ofMillis(10);
        int storm = 400;
        long begin = System.nanoTime();
        for (int pid = 1; pid <= storm; pid++) {
            kernel.add(new EventBatch(List.of(new ProcessEvent(Kind.EXEC, pid, System.nanoTime())), 0));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> lookedAt() == storm);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        int atOnce = 15;
        assertThat(occasions.size()).isLessThanOrEqualTo((int) (took.toMillis() / 90) + atOnce + 3);
    }

    private int lookedAt() {
        return occasions.stream()
                .filter(one -> !one.everything())
                .map(Occasion::changed)
                .mapToInt(Set::size)
                .sum();
    }

    @Test
    void kernelThatFallsSilentIsSaidAndTheLoopGoesOn() {
        start();
        assertThat(state.get().orElseThrow().events().trouble()).isEmpty();
        broken = Optional.of("process connector: ENOBUFS");
        kernel.add(new EventBatch(List.of(new ProcessEvent(Kind.EXEC, 7, System.nanoTime())), 1));
        await().until(() -> state.get().orElseThrow().events().trouble().equals(broken));
    }

    private void start() {
        loop.start();
        await().until(() -> state.get().isPresent());
        assertThat(occasions).hasSize(1);
        assertThat(state.get().orElseThrow().events().backend()).contains("ring");
    }

    @Test
    void processThatCouldNotBeReadIsReadAgainSoonAndUntilThenTheAgentIsNotReady() {
        start();
        node.set(report(true));
        shortage = Optional.of("/proc/7/stat: EMFILE");
        kernel.add(new EventBatch(List.of(new ProcessEvent(Kind.EXEC, 7, System.nanoTime())), 0));
        await().until(() -> state.get().orElseThrow().scanTrouble().equals(shortage));
        assertThat(changes).isEmpty();
        shortage = Optional.empty();
        await().until(() -> open().equals(List.of(id(WEB, "seccomp"))));
        assertThat(state.get().orElseThrow().scanTrouble()).isEmpty();
        assertThat(occasions.get(occasions.size() - 1).changed()).isEqualTo(Set.of(7));
    }

    @Test
    void scanForALossThatFailsIsTriedAgainButNotWithoutAPause() {
        start();
        shortage = Optional.of("/proc: EMFILE");
        kernel.add(new EventBatch(List.of(), 3));
        await().until(() -> occasions.size() >= 3);
        shortage = Optional.empty();
        await().until(() -> state.get().orElseThrow().scanTrouble().isEmpty());
        assertThat(occasions.size()).isLessThan(30);
    }

    private ScanReport look(Optional<DeclaredNode> declared, Occasion occasion) throws IOException {
        occasions.add(occasion);
        if (shortage.isPresent()) {
            throw new IOException(shortage.get());
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long end = threads.getCurrentThreadCpuTime() + lookTakes.toNanos();
        while (threads.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
        }
        return node.get();
    }

    private List<String> open() {
        return state.get().flatMap(AgentState::last).map(last -> last.report().findings()).orElse(List.of()).stream()
                .map(Finding::id)
                .toList();
    }

    private static ScanReport report(boolean drifts) {
        Instant now = InstantSource.system().instant();
        SketchedReport report = SketchedReport.at(now);
        return (drifts ? report.announces("seccomp", WEB, now) : report).report();
    }

    private final class Kernel implements EventSource {
        @Override
        public String backend() {
            return "ring";
        }

        @Override
        public EventBatch next(Duration longest) throws IOException {
            if (broken.isPresent() && kernel.isEmpty()) {
                throw new IOException(broken.get());
            }
            try {
                EventBatch batch = kernel.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
                return batch == null ? new EventBatch(List.of(), 0) : batch;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() {
            // The queue needs no end.
        }
    }
}
