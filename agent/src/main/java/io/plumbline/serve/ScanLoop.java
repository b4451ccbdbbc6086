package io.plumbline.serve;

import io.plumbline.findings.Ledger;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.FindingChange;
import io.plumbline.model.Moment;
import io.plumbline.model.Occasion;
import io.plumbline.model.ScanReport;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scans again and again, and between scans looks at the processes that the kernel says something happened to, or to their mounts or their
 * cgroup. Whatever fails is said, once, and tried again.
 *
 * <p>Without any answer of a declared side that is to be asked nothing is judged: the bundles alone would promise something else, and
 * findings would come and go with the kubelet.
 */
public final class ScanLoop implements AutoCloseable {

    /** These say what the kubelet does not know. While its answer is out of date, that is no news. */
    private static final Set<String> AGAINST_THE_LIST = Set.of("orphan-process", "unmanaged-container");

    private static final Duration LONGEST_WAIT_FOR_ANSWER = Duration.ofSeconds(5);

    /** A look that failed is tried again after this: what it was to see would else be seen by the next scan. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    /** What is not shown any more between scans closes within this time, and some milliseconds. */
    private static final Duration LINGERING = Duration.ofMillis(1010);

    /** Who is too young for a scan is old enough after this, by clocks of hundredths too. */
    private static final Duration GROWN = Changes.RIPE.plusMillis(100);

    /** Looks that change no finding are told of no more often than this. */
    private static final Duration LEAST_TELLING = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ScanLoop.class);

    private final Look look;
    private final DeclaredAnswers answers;
    private final Remembrance remembrance;
    private final Duration interval;
    private final InstantSource clock;
    private final Audience audience;
    private final Supplier<AgentState.Written> written;
    private final Instant startedAt;
    private final Announcements announcements = new Announcements();
    private final Changes changes = new Changes();
    private final Listener listener;
    private final MountListener mounts;
    private final CgroupListener cgroups;
    private final Unknowns unknowns;
    private final Turns turns;
    private boolean askPlanned;

    private Ledger ledger = Ledger.empty();
    private Optional<Seen> lastSeen = Optional.empty();
    private Optional<LastScan> last = Optional.empty();
    private Optional<String> scanTrouble = Optional.empty();
    private Optional<String> lookTrouble = Optional.empty();
    private Moment attempted;
    private long told = System.nanoTime();

    /** A loop that hears of nothing between scans; parameters as below. */
    public ScanLoop(
            Look look,
            Optional<DeclaredSource> source,
            Optional<StateFile> memory,
            Duration interval,
            InstantSource clock,
            Audience audience) {
        this(look, source, memory, interval, clock, audience, Hearing.NOTHING, () -> AgentState.Written.NONE);
    }

    /**
     * @param source whom to ask what is declared; empty where the runtimes' bundles are the declared side
     * @param memory empty where nothing is to outlive the agent
     * @param interval from the start of one scan to the start of the next; one that takes longer is followed by a pause all the same
     * @param hearing who tells of processes, mounts and cgroups between scans; closed with the loop
     * @param written what is in force of it, just now
     */
    public ScanLoop(
            Look look,
            Optional<DeclaredSource> source,
            Optional<StateFile> memory,
            Duration interval,
            InstantSource clock,
            Audience audience,
            Hearing hearing,
            Supplier<AgentState.Written> written) {
        this.turns = new Turns(interval, new Turns.Work() {
            @Override
            public void scan() {
                ScanLoop.this.scan();
            }

            @Override
            public void look() {
                lookAtChanges();
            }

            @Override
            public boolean isBegun() {
                return last.isPresent();
            }

            @Override
            public boolean isScanWanted() {
                return changes.isScanWanted();
            }
        });
        this.look = look;
        this.answers = new DeclaredAnswers(
                source,
                clock,
                interval.compareTo(LONGEST_WAIT_FOR_ANSWER) < 0 ? interval : LONGEST_WAIT_FOR_ANSWER,
                this::planLook,
                () -> lastSeen.map(seen -> seen.report().podsThatRun()).orElse(Set.of()));
        this.remembrance = new Remembrance(memory, () -> turns.plan(this::tellOfMemory, Duration.ZERO));
        this.interval = interval;
        this.clock = clock;
        this.audience = audience;
        this.written = written;
        this.startedAt = clock.instant();
        this.attempted = new Moment(startedAt, System.nanoTime());
        this.listener = new Listener(hearing, changes, clock, this::planLook);
        this.mounts = new MountListener(hearing.mounts(), changes, clock, this::planLook);
        this.cgroups = new CgroupListener(hearing.cgroups(), changes, clock, this::planLook);
        this.unknowns = new Unknowns(interval);
    }

    /** Starts, with a scan at once. What happens from now on is heard. */
    public void start() {
        ledger = Ledger.remembering(remembrance.recall());
        listener.start();
        mounts.start();
        turns.start();
    }

    /** Ends after the scan that is under way, and writes down what is open. */
    @Override
    public void close() {
        listener.close();
        mounts.close();
        try {
            if (turns.end()) {
                remembrance.keep(ledger::open, true, clock.instant());
            } else {
                LOG.warn("a scan does not end; stopping without it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The first scan may have begun it just now.
        cgroups.close();
        remembrance.close();
        answers.close();
    }

    private Moment now() {
        return new Moment(clock.instant(), System.nanoTime());
    }

    private void planLook() {
        turns.planLook();
    }

    /** Looks at everything. */
    private void scan() {
        DeclaredAnswers.Answer answer = answers.refresh();
        announcements.sayOfDeclared(answer);
        List<FindingChange> changed = List.of();
        scanTrouble = Optional.empty();
        if (answer.side().asked() && answer.declared().isEmpty()) {
            scanTrouble = Optional.of("nothing is judged before the kubelet has answered once: "
                    + answer.side().trouble().orElse(""));
        } else {
            long start = System.nanoTime();
            try {
                ScanReport seen = look(answer, changes.beginScan());
                Ledger.Step step = ledger.step(seen, unjudged(answer));
                changed = take(seen, step);
                planLookAtNewborn(seen);
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                if (last.isEmpty()) {
                    // It has as many directories to go through as there are cgroups, which would only delay the first
                    // answer.
                    cgroups.start();
                }
                last = Optional.of(new LastScan(seen.withFindings(step.open()), now(), took, step.pending()));
                lookTrouble = Optional.empty();
            } catch (LookFailedException e) {
                scanTrouble = Optional.of(String.valueOf(e.getMessage()));
            }
            turns.scanned(start);
        }
        announcements.sayOfScan(trouble());
        attempted = now();
        tell(answer, changed);
    }

    private void lookAtChanges() {
        DeclaredAnswers.Answer answer = answers.latest();
        if (answer.side().asked() && answer.declared().isEmpty()) {
            return;
        }
        Optional<String> troubleBefore = trouble();
        Optional<List<FindingChange>> found = Optional.empty();
        try {
            found = takeIfNew(look(answer, changes.beginLook()), answer);
            lookTrouble = Optional.empty();
        } catch (LookFailedException e) {
            lookTrouble = Optional.of(String.valueOf(e.getMessage()));
        }
        announcements.sayOfScan(trouble());
        boolean longAgo = System.nanoTime() - told > LEAST_TELLING.toNanos();
        if (!trouble().equals(troubleBefore)
                || found.filter(changed -> longAgo || !changed.isEmpty()).isPresent()) {
            tell(answer, found.orElse(List.of()));
        }
    }

    /** What a look between scans changed; empty where it found all as it was. */
    private Optional<List<FindingChange>> takeIfNew(ScanReport seen, DeclaredAnswers.Answer answer) {
        Seen before = lastSeen.orElseThrow();
        boolean same = isSame(seen, before.report());
        if (same && !before.lingering()) {
            // Whom to ask may have answered as before: he has not heard of it yet.
            planAsk(seen);
            return Optional.empty();
        }
        Instant now = seen.node().facts().takenAt();
        Ledger.Step step = ledger.stepBetween(
                seen, unjudged(answer), same ? now.plusNanos(System.nanoTime() - before.nanos()) : now);
        List<FindingChange> changed = take(seen, step);
        LastScan scan = last.orElseThrow();
        last = Optional.of(new LastScan(seen.withFindings(step.open()), scan.ended(), scan.took(), step.pending()));
        return Optional.of(changed);
    }

    private Optional<String> trouble() {
        return scanTrouble.or(() -> lookTrouble);
    }

    /** Nothing new is the report itself, not an equal one. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(ScanReport seen, ScanReport before) {
        return seen == before;
    }

    /** Looks; where that fails, what was to be looked at is looked at again soon. */
    private ScanReport look(DeclaredAnswers.Answer answer, Occasion occasion) throws LookFailedException {
        try {
            ScanReport seen = look.at(answer.declared(), occasion);
            changes.endLook();
            return seen;
        } catch (IOException e) {
            changes.takeBack();
            turns.plan(this::planLook, PAUSE_AFTER_FAILURE);
            throw new LookFailedException(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            // Again it would fail again, and the log would be full of it: that is left to the next scan.
            changes.endLook();
            LOG.error("a scan failed; this is a bug in plumbline, please report it", e);
            throw new LookFailedException("bug: " + e, e);
        }
    }

    private static Set<String> unjudged(DeclaredAnswers.Answer answer) {
        return answer.side().stale() ? AGAINST_THE_LIST : Set.of();
    }

    private List<FindingChange> take(ScanReport seen, Ledger.Step step) {
        boolean same = lastSeen.filter(before -> isSame(seen, before.report())).isPresent();
        long nanos = same ? lastSeen.orElseThrow().nanos() : System.nanoTime();
        lastSeen = Optional.of(new Seen(seen, nanos, step.lingering()));
        ledger = step.next();
        mounts.watch(seen.node());
        Instant now = clock.instant();
        List<FindingChange> changed = new ArrayList<>();
        step.opened()
                .forEach(finding -> changed.add(new FindingChange.Opened(
                        finding,
                        Optional.ofNullable(seen.announced().get(finding.id())).map(at -> Duration.between(at, now)))));
        step.closed().forEach(finding -> changed.add(new FindingChange.Closed(finding)));
        announcements.sayOfReader(seen.node().facts().reader());
        remembrance.keep(ledger::open, !changed.isEmpty(), now);
        if (step.lingering()) {
            turns.plan(this::planLook, LINGERING);
        }
        planAsk(seen);
        return changed;
    }

    private void planLookAtNewborn(ScanReport seen) {
        Set<Integer> newborn = Newborn.of(seen.node());
        if (!newborn.isEmpty()) {
            turns.plan(
                    () -> {
                        changes.addGrown(newborn);
                        if (changes.isDue()) {
                            planLook();
                        }
                    },
                    GROWN);
        }
    }

    private void planAsk(ScanReport seen) {
        if (!askPlanned && answers.latest().side().asked()) {
            unknowns.pauseAfter(seen).ifPresent(pause -> {
                askPlanned = true;
                turns.plan(this::askAgain, pause);
            });
        }
    }

    private void askAgain() {
        askPlanned = false;
        answers.ask();
    }

    /** Before the first scan nobody was told anything yet. */
    private void tellOfMemory() {
        if (last.isPresent()) {
            tell(answers.latest(), List.of());
        }
    }

    private void tell(DeclaredAnswers.Answer answer, List<FindingChange> changed) {
        told = System.nanoTime();
        try {
            audience.hear(
                    new AgentState(
                            startedAt,
                            interval,
                            attempted,
                            last,
                            trouble(),
                            answer.side(),
                            remembrance.state(),
                            listener.state(),
                            written.get()),
                    changed);
        } finally {
            announcements.of(changed);
        }
    }

    /**
     * What was seen last.
     *
     * @param nanos when
     * @param lingering some findings are open although it does not show them
     */
    private record Seen(ScanReport report, long nanos, boolean lingering) {}
}
