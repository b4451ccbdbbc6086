package io.plumbline.serve;

import io.plumbline.findings.Ledger;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingChange;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import io.plumbline.report.Printable;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Scans again and again. Whatever fails is said, once, and tried again with the next scan.
 *
 * <p>Without any answer of a declared side that is to be asked nothing is judged: the bundles alone would promise something else, and
 * findings would come and go with the kubelet.
 */
public final class ScanLoop implements AutoCloseable {

    /** These say what the kubelet does not know. While its answer is out of date, that is no news. */
    private static final Set<String> AGAINST_THE_LIST = Set.of("orphan-process", "unmanaged-container");

    private static final Duration LONGEST_WAIT_FOR_ANSWER = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT_FOR_END = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ScanLoop.class);

    private final Look look;
    private final DeclaredAnswers answers;
    private final Remembrance remembrance;
    private final Duration interval;
    private final InstantSource clock;
    private final Audience audience;
    private final Instant startedAt;
    private final ScheduledThreadPoolExecutor scanner =
            new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "scan"));

    private Ledger ledger = Ledger.empty();
    private Optional<LastScan> last = Optional.empty();
    private Optional<String> saidOfScan = Optional.empty();
    private Optional<String> saidOfDeclared = Optional.empty();

    /**
     * @param source whom to ask what is declared; empty where the runtimes' bundles are the declared side
     * @param memory empty where nothing is to outlive the agent
     * @param interval from the start of one scan to the start of the next; one that takes longer is followed by a pause all the same
     */
    public ScanLoop(
            Look look,
            Optional<DeclaredSource> source,
            Optional<StateFile> memory,
            Duration interval,
            InstantSource clock,
            Audience audience) {
        this.look = look;
        this.answers = new DeclaredAnswers(
                source, clock, interval.compareTo(LONGEST_WAIT_FOR_ANSWER) < 0 ? interval : LONGEST_WAIT_FOR_ANSWER);
        this.remembrance = new Remembrance(memory);
        this.interval = interval;
        this.clock = clock;
        this.audience = audience;
        this.startedAt = clock.instant();
        scanner.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Starts, with a scan at once. */
    public void start() {
        ledger = Ledger.remembering(remembrance.recall());
        scanner.execute(this::runAndPlanNext);
    }

    /** Ends after the scan that is under way, and writes down what is open. */
    @Override
    public void close() {
        scanner.shutdown();
        try {
            // No interrupt: it would close the channels under a scan that is nearly done.
            if (scanner.awaitTermination(LONGEST_WAIT_FOR_END.toMillis(), TimeUnit.MILLISECONDS)) {
                remembrance.keep(ledger.open(), true, clock.instant());
            } else {
                LOG.warn("the scan under way does not end; leaving it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        answers.close();
    }

    private void runAndPlanNext() {
        long start = System.nanoTime();
        try {
            run();
        } catch (RuntimeException e) {
            // Of the audience: the scan's own failures are the scan's.
            LOG.error("this is a bug in plumbline, please report it", e);
        } finally {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            Duration pause = interval.minus(took);
            Duration shortest = interval.dividedBy(10);
            plan(pause.compareTo(shortest) < 0 ? shortest : pause);
        }
    }

    private void plan(Duration pause) {
        try {
            // Never fails and is never cancelled alone.
            ScheduledFuture<?> unused = scanner.schedule(this::runAndPlanNext, pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop ends", e);
        }
    }

    private void run() {
        DeclaredAnswers.Answer answer = answers.refresh();
        sayOfDeclared(answer);
        List<FindingChange> changes = List.of();
        Optional<String> trouble = Optional.empty();
        if (answer.side().asked() && answer.declared().isEmpty()) {
            trouble = Optional.of("nothing is judged before the kubelet has answered once: "
                    + answer.side().trouble().orElse(""));
        } else {
            try {
                changes = scan(answer);
            } catch (IOException e) {
                trouble = Optional.of(String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                LOG.error("a scan failed; this is a bug in plumbline, please report it", e);
                trouble = Optional.of("bug: " + e);
            }
        }
        sayOfScan(trouble);
        audience.hear(
                new AgentState(startedAt, interval, clock.instant(), last, trouble, answer.side(), remembrance.state()),
                changes);
    }

    private List<FindingChange> scan(DeclaredAnswers.Answer answer) throws IOException {
        long start = System.nanoTime();
        ScanReport seen = look.at(answer.declared());
        Ledger.Step step = ledger.step(seen, answer.side().stale() ? AGAINST_THE_LIST : Set.of());
        ledger = step.next();
        Instant now = clock.instant();
        ScanReport report = seen.withFindings(step.open());
        last = Optional.of(new LastScan(report, now, Duration.ofNanos(System.nanoTime() - start), step.pending()));
        List<FindingChange> changes = new ArrayList<>();
        step.opened().forEach(finding -> {
            say(finding);
            changes.add(new FindingChange.Opened(finding));
        });
        step.closed().forEach(finding -> {
            say(finding);
            changes.add(new FindingChange.Closed(finding));
        });
        remembrance.keep(ledger.open(), !changes.isEmpty(), now);
        return changes;
    }

    /** What a policy asks for in small matters is on the page: on a usual node it would be a line for every container. */
    private static Level level(FindingKind kind, Severity severity, Level usual) {
        return kind == FindingKind.POLICY && !severity.atLeast(Severity.MEDIUM) ? Level.DEBUG : usual;
    }

    private static void say(Finding finding) {
        LOG.atLevel(level(finding.kind(), finding.severity(), Level.WARN))
                .addKeyValue("finding", finding.id())
                .addKeyValue("kind", finding.kind().word())
                .addKeyValue("check", finding.check())
                .addKeyValue("severity", finding.severity().word())
                .addKeyValue("namespace", finding.container().namespace())
                .addKeyValue("pod", finding.container().pod())
                .addKeyValue("container", finding.container().container().orElse(""))
                .log(
                        "opened {}: {} {}: {}",
                        finding.id(),
                        finding.severity().word(),
                        finding.check(),
                        Printable.of(finding.message()));
    }

    private static void say(OpenFinding finding) {
        LOG.atLevel(level(finding.kind(), finding.severity(), Level.INFO))
                .addKeyValue("finding", finding.id())
                .addKeyValue("kind", finding.kind().word())
                .addKeyValue("check", finding.check())
                .addKeyValue("severity", finding.severity().word())
                .addKeyValue("namespace", finding.container().namespace())
                .addKeyValue("pod", finding.container().pod())
                .addKeyValue("container", finding.container().container().orElse(""))
                .log(
                        "closed {}: {} {} of {}, open since {}",
                        finding.id(),
                        finding.severity().word(),
                        finding.check(),
                        Printable.of(finding.container().words()),
                        finding.firstSeen());
    }

    private void sayOfScan(Optional<String> trouble) {
        if (!trouble.equals(saidOfScan)) {
            trouble.ifPresentOrElse(
                    why -> LOG.warn("no scan: {}", Printable.of(why)), () -> LOG.info("scans succeed again"));
        }
        saidOfScan = trouble;
    }

    private void sayOfDeclared(DeclaredAnswers.Answer answer) {
        Optional<String> trouble = answer.side().trouble();
        if (!trouble.equals(saidOfDeclared)) {
            trouble.ifPresentOrElse(
                    why -> LOG.warn(
                            "the declared side could not be asked: {}; going on with the last answer, of {}",
                            Printable.of(why),
                            answer.side().answeredAt().map(Instant::toString).orElse("never")),
                    () -> LOG.info("the declared side answers again"));
        }
        saidOfDeclared = trouble;
    }
}
