package io.plumbline.serve;

import static io.plumbline.SketchedReport.container;
import static io.plumbline.SketchedReport.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.plumbline.SketchedReport;
import io.plumbline.model.AgentState;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingChange;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Reading;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanLoopTest {
    private static final ContainerIdentity WEB = container("shop", "web");
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final DeclaredNode DECLARED = new DeclaredNode(
            "https://node1:10250", Optional.of("node1"), List.of(), new Reading.Absent<>("/configz"), List.of());

    private final Heard heard = new Heard();
    private final AtomicReference<String> shown = new AtomicReference<>("");
    private Optional<ScanLoop> running = Optional.empty();

    @AfterEach
    void stop() {
        running.ifPresent(ScanLoop::close);
    }

    @Test
    void whatIsSeenOpensOnceAndClosesOnceAndTheStateFollows() {
        start((declared, occasion) -> see(shown.get()), Optional.empty(), Optional.empty());
        await().until(() -> heard.scans() > 2);
        assertThat(heard.last().last().orElseThrow().report().findings()).isEmpty();

        shown.set("seccomp");
        await().until(() -> !heard.open().isEmpty());
        assertThat(heard.open()).containsExactly(id(WEB, "seccomp"));
        shown.set("");
        await().until(() -> heard.open().isEmpty());
        assertThat(heard.changes)
                .satisfiesExactly(
                        change -> assertThat(change).isInstanceOf(FindingChange.Opened.class),
                        change -> assertThat(change).isInstanceOf(FindingChange.Closed.class));
    }

    @Test
    void failingScanIsSaidAndTheLastGoodOneStaysAndTheLoopGoesOn() {
        AtomicReference<Optional<Exception>> failure = new AtomicReference<>(Optional.empty());
        start(
                (declared, occasion) -> {
                    Optional<Exception> now = failure.get();
                    if (now.isPresent() && now.get() instanceof IOException io) {
                        throw io;
                    }
                    if (now.isPresent() && now.get() instanceof RuntimeException bug) {
                        throw bug;
                    }
                    return see("seccomp");
                },
                Optional.empty(),
                Optional.empty());
        await().until(() -> !heard.open().isEmpty());

        failure.set(Optional.of(new IOException("/proc: EIO")));
        await().until(() -> heard.last().scanTrouble().equals(Optional.of("/proc: EIO")));
        assertThat(heard.open()).containsExactly(id(WEB, "seccomp"));

        failure.set(Optional.of(new IllegalStateException("odd")));
        await().until(() -> heard.last().scanTrouble().orElse("").contains("odd"));
        assertThat(heard.open()).containsExactly(id(WEB, "seccomp"));

        failure.set(Optional.empty());
        await().until(() -> heard.last().scanTrouble().isEmpty());
        assertThat(heard.changes).hasSize(1);
    }

    @Test
    void scanThatTakesLongerThanTheIntervalIsNeverOverlapped() {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch gate = new CountDownLatch(1);
        start(
                (declared, occasion) -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    try {
                        // Longer than the interval, and without the machine's help: the gate never opens.
                        gate.await(50, TimeUnit.MILLISECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        atOnce.decrementAndGet();
                    }
                    return see("");
                },
                Optional.empty(),
                Optional.empty());
        await().until(() -> heard.scans() > 4);
        assertThat(most).hasValue(1);
    }

    @Test
    void audienceThatThrowsDoesNotEndTheLoop() {
        AtomicInteger tellings = new AtomicInteger();
        running = Optional.of(new ScanLoop(
                (declared, occasion) -> see(""),
                Optional.empty(),
                Optional.empty(),
                INTERVAL,
                InstantSource.system(),
                (state, changes) -> {
                    tellings.incrementAndGet();
                    throw new IllegalStateException("an audience's");
                }));
        running.get().start();
        await().until(() -> tellings.get() > 3);
    }

    @Test
    void lastGoodAnswerIsKeptAndMarkedAndReplacedByTheNextGoodOne() {
        AtomicReference<Optional<String>> kubelet = new AtomicReference<>(Optional.empty());
        AtomicReference<Optional<DeclaredNode>> given = new AtomicReference<>(Optional.empty());
        start(
                (declared, occasion) -> {
                    given.set(declared);
                    return see("");
                },
                Optional.of(() -> answer(kubelet.get())),
                Optional.empty());
        await().until(() -> given.get().equals(Optional.of(DECLARED)));
        assertThat(heard.last().declared().stale()).isFalse();

        kubelet.set(Optional.of("https://node1:10250/pods: connection refused"));
        await().until(() -> heard.last().declared().stale());
        AgentState.DeclaredSide side = heard.last().declared();
        assertThat(side.trouble()).contains("https://node1:10250/pods: connection refused");
        assertThat(side.answeredAt()).isPresent();
        await().untilAsserted(() -> assertThat(given.get().orElseThrow().warnings())
                .singleElement()
                .asString()
                .contains("this answer is of ", "connection refused"));
        int scans = heard.scans();
        await().until(() -> heard.scans() > scans + 2);
        assertThat(heard.last().scanTrouble()).isEmpty();
        assertThat(heard.last().declared().answeredAt()).isEqualTo(side.answeredAt());

        kubelet.set(Optional.empty());
        await().until(() -> !heard.last().declared().stale());
        await().until(() -> given.get().equals(Optional.of(DECLARED)));
    }

    /** Trap: the kubelet would kill an agent that does well, for a clock that was set right. */
    @Test
    void ageOfWhatIsKnownIsTheSameHoweverTheClockIsSet() {
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
        running = Optional.of(new ScanLoop(
                (declared, occasion) -> see(""),
                Optional.of(() -> DECLARED),
                Optional.empty(),
                Duration.ofHours(1),
                () -> Instant.now().plus(ahead.getAndUpdate(before -> before.plusHours(2))),
                heard));
        running.get().start();
        await().until(() -> heard.scans() > 0);
        AgentState state = heard.last();
        assertThat(List.of(
                        state.attempted(),
                        state.last().orElseThrow().ended(),
                        state.declared().answered().orElseThrow()))
                .allSatisfy(moment ->
                        assertThat(moment.ageAt(System.nanoTime())).isBetween(Duration.ZERO, Duration.ofMinutes(1)));
    }

    /** Trap: with the kubelet down, every container that started since would look like nobody's. */
    @Test
    void staleListAccusesNoProcessOfBeingNobodys() {
        AtomicReference<Optional<String>> kubelet = new AtomicReference<>(Optional.empty());
        start((declared, occasion) -> see(shown.get()), Optional.of(() -> answer(kubelet.get())), Optional.empty());
        await().until(() -> heard.scans() > 0);
        kubelet.set(Optional.of("down"));
        await().until(() -> heard.last().declared().stale());
        shown.set("orphan-process");
        int scans = heard.scans();
        await().until(() -> heard.scans() > scans + 4);
        assertThat(heard.open()).isEmpty();
        kubelet.set(Optional.empty());
        await().until(() -> heard.open().equals(List.of(id(WEB, "orphan-process"))));
    }

    @Test
    void nothingIsJudgedBeforeTheFirstAnswer() {
        AtomicReference<Optional<String>> kubelet = new AtomicReference<>(Optional.of("not up yet"));
        start((declared, occasion) -> see("seccomp"), Optional.of(() -> answer(kubelet.get())), Optional.empty());
        await().until(() -> heard.scans() > 3);
        assertThat(heard.last().last()).isEmpty();
        assertThat(heard.last().scanTrouble().orElseThrow()).contains("before the kubelet has answered", "not up yet");
        kubelet.set(Optional.empty());
        await().until(() -> heard.open().equals(List.of(id(WEB, "seccomp"))));
        assertThat(heard.last().scanTrouble()).isEmpty();
    }

    @Test
    void slowAnswerHoldsUpNoScanAndIsAskedForOnceAtATime() {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch slow = new CountDownLatch(1);
        AtomicInteger looked = new AtomicInteger();
        start(
                (declared, occasion) -> {
                    looked.incrementAndGet();
                    return see("");
                },
                Optional.of(() -> {
                    if (asked.incrementAndGet() == 2) {
                        try {
                            slow.await();
                        } catch (InterruptedException e) {
                            throw new IOException("interrupted", e);
                        }
                    }
                    return DECLARED;
                }),
                Optional.empty());
        await().until(() -> looked.get() > 5);
        assertThat(asked).hasValue(2);
        assertThat(heard.last().declared().trouble().orElseThrow()).contains("no answer within");
        slow.countDown();
        await().until(() -> asked.get() > 2);
        await().until(() -> !heard.last().declared().stale());
    }

    @Test
    void afterARestartWhatWasOpenIsOpenWithItsFirstSightingAndIsNotAnnouncedAgain(@TempDir Path directory)
            throws IOException {
        Finding before;
        try (StateFile file = StateFile.in(directory)) {
            start((declared, occasion) -> see("seccomp"), Optional.empty(), Optional.of(file));
            await().until(() -> !heard.open().isEmpty());
            before = heard.findings().get(0);
            running.orElseThrow().close();
        }
        heard.changes.clear();
        heard.state.set(Optional.empty());
        try (StateFile file = StateFile.in(directory)) {
            start((declared, occasion) -> see("seccomp"), Optional.empty(), Optional.of(file));
            await().until(() -> heard.state.get().isPresent());
            assertThat(heard.findings()).singleElement().satisfies(finding -> {
                assertThat(finding.id()).isEqualTo(before.id());
                assertThat(finding.firstSeen()).isEqualTo(before.firstSeen());
                assertThat(finding.lastSeen()).isAfter(before.lastSeen());
            });
            await().until(() -> heard.scans() > 2);
            assertThat(heard.changes).isEmpty();
            running.orElseThrow().close();
        }
    }

    /** As with maxSurge, and after a pod was deleted by force: two for a while, and then one. */
    @Test
    void agentThatStartsBesideTheOneBeforeKnowsWhatWasOpenAndKeepsItWhenThatOneHasEnded(@TempDir Path directory)
            throws IOException {
        Heard other = new Heard();
        StateFile old = StateFile.in(directory);
        try (StateFile next = StateFile.in(directory)) {
            ScanLoop before = new ScanLoop(
                    (declared, occasion) -> see("seccomp"),
                    Optional.empty(),
                    Optional.of(old),
                    INTERVAL,
                    InstantSource.system(),
                    other);
            before.start();
            await().until(() -> !other.open().isEmpty());
            Instant firstSeen = other.findings().get(0).firstSeen();
            await().until(() -> !next.read().open().isEmpty());

            start((declared, occasion) -> see("seccomp"), Optional.empty(), Optional.of(next));
            await().until(() -> heard.scans() > 2);
            assertThat(heard.changes).isEmpty();
            assertThat(heard.findings()).extracting(Finding::firstSeen).containsExactly(firstSeen);
            assertThat(heard.last().memory().trouble())
                    .hasValueSatisfying(
                            why -> assertThat(why).contains("another plumbline serve keeps its state there"));
            before.close();
            old.close();
            await().until(() -> heard.last().memory().trouble().isEmpty());
            assertThat(heard.changes).isEmpty();
            running.orElseThrow().close();
        }
        try (StateFile after = StateFile.in(directory)) {
            assertThat(after.read().open()).extracting(OpenFinding::id).containsExactly(id(WEB, "seccomp"));
        }
    }

    @Test
    void thatNothingCanBeKeptIsToldBeforeTheNextScanAndThatItCanAgainToo(@TempDir Path directory) throws IOException {
        AtomicInteger looks = new AtomicInteger();
        Path obstacle = directory.resolve("findings.json/obstacle");
        try (StateFile file = StateFile.in(directory)) {
            running = Optional.of(new ScanLoop(
                    (declared, occasion) -> {
                        looks.incrementAndGet();
                        Files.createDirectories(obstacle);
                        return see("seccomp");
                    },
                    Optional.empty(),
                    Optional.of(file),
                    Duration.ofHours(1),
                    InstantSource.system(),
                    heard));
            running.get().start();
            await().until(() -> heard.state.get().isPresent());
            await().until(() -> heard.last().memory().trouble().isPresent());
            Files.delete(obstacle);
            Files.delete(obstacle.getParent());
            await().until(() -> heard.last().memory().trouble().isEmpty());
            running.get().close();
        }
        assertThat(looks).hasValue(1);
    }

    private void start(Look look, Optional<DeclaredSource> source, Optional<StateFile> memory) {
        running = Optional.of(new ScanLoop(look, source, memory, INTERVAL, InstantSource.system(), heard));
        running.get().start();
    }

    private static DeclaredNode answer(Optional<String> trouble) throws IOException {
        if (trouble.isPresent()) {
            throw new IOException(trouble.get());
        }
        return DECLARED;
    }

    private static ScanReport see(String check) {
        SketchedReport report = SketchedReport.at(InstantSource.system().instant());
        return check.isEmpty()
                ? report.report()
                : report.shows(Severity.HIGH, check, WEB).report();
    }

    private static final class Heard implements Audience {
        private final AtomicReference<Optional<AgentState>> state = new AtomicReference<>(Optional.empty());
        private final List<FindingChange> changes = new CopyOnWriteArrayList<>();
        private final AtomicInteger scans = new AtomicInteger();

        @Override
        public void hear(AgentState now, List<FindingChange> changed) {
            changes.addAll(changed);
            state.set(Optional.of(now));
            scans.incrementAndGet();
        }

        AgentState last() {
            return state.get().orElseThrow();
        }

        int scans() {
            return scans.get();
        }

        List<Finding> findings() {
            return state.get()
                    .flatMap(AgentState::last)
                    .map(last -> last.report().findings())
                    .orElse(List.of());
        }

        List<String> open() {
            return findings().stream().map(Finding::id).toList();
        }
    }
}
