package io.plumbline.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.plumbline.model.AgentState;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingChange;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Severity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster what this node's agent found, by a thread of its own: whatever the API server does, scans go on. What it will not take is
 * tried again later and later; what cannot wait in a short queue is dropped, and counted.
 */
public final class ClusterPublisher implements AutoCloseable {

    /** How often the thread looks whether it is time. */
    private static final Duration TURN = Duration.ofMillis(250);

    private static final int MOST_WAITING = 64;
    private static final int EVENTS_AT_ONCE = 10;
    private static final Duration EVENT_EACH = Duration.ofSeconds(6);

    private static final String AGAIN = "trying again, later and later";

    private static final Logger LOG = LoggerFactory.getLogger(ClusterPublisher.class);

    private final ClusterWrites writes;
    private final String node;
    private final Set<What> what;
    private final String version;
    private final InstantSource clock;
    private final Tally tally;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread made = new Thread(task, "cluster");
        made.setDaemon(true);
        return made;
    });

    private final Standing<NodeReport> report;
    private final Standing<OpenReport> openReport;
    private final Standing<Boolean> readiness;
    private final Deque<Finding> waiting = new ArrayDeque<>();
    private final Budget budget = new Budget(EVENTS_AT_ONCE, EVENT_EACH, System.nanoTime());
    private final Cadence events;
    private boolean eventsRefused;
    private final Map<String, String> said = new HashMap<>();

    /** What there is to be written. */
    public enum What {
        /** A NodeReport, one for the node. */
        REPORT,
        /** An Event on a pod when drift of severity high or critical opens. */
        EVENTS,
        /** A ClusterReport of OpenReports, one for the node. */
        OPENREPORTS,
        /** The node's label and start-up taint: are its AppArmor profiles there? */
        READINESS
    }

    /** Counts what became of writes. */
    @FunctionalInterface
    public interface Tally {
        /**
         * Counts one.
         *
         * @param object {@code nodereport}, {@code clusterreport}, {@code node} or {@code event}
         * @param result {@code written}, {@code refused} or {@code dropped}
         */
        void count(String object, String result);
    }

    ClusterPublisher(
            KubernetesClient client,
            String node,
            Set<What> what,
            String version,
            InstantSource clock,
            Tally tally,
            Supplier<Cadence> cadences,
            Cadence readinessCadence) {
        this.writes = new ClusterWrites(client, node);
        NodeReadiness label = new NodeReadiness(client, node);
        this.report = new Standing<>("NodeReport", "nodereport", cadences.get(), NodeReport::news, writes::apply);
        this.openReport = new Standing<>(
                "ClusterReport", "clusterreport", cadences.get(), UnaryOperator.identity(), writes::apply);
        this.readiness =
                new Standing<>("label of the node", "node", readinessCadence, UnaryOperator.identity(), label::write);
        this.node = node;
        this.what = Set.copyOf(what);
        this.version = version;
        this.clock = clock;
        this.tally = tally;
        this.events = cadences.get();
    }

    void start() {
        // Never fails and is never cancelled alone.
        ScheduledFuture<?> unused =
                thread.scheduleWithFixedDelay(this::turn, 0, TURN.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes in what came of a scan; returns at once. */
    public void publish(AgentState state, List<FindingChange> changes) {
        if (what.contains(What.REPORT)) {
            NodeReport.of(state, version).ifPresent(report::is);
        }
        if (what.contains(What.OPENREPORTS)) {
            state.last().ifPresent(last -> openReport.is(OpenReport.of(last, node)));
        }
        if (what.contains(What.READINESS)) {
            state.last()
                    .ifPresent(last -> readiness.is(
                            NodeReadiness.isReady(last.report().node().profiles())));
        }
        if (what.contains(What.EVENTS)) {
            changes.forEach(this::remember);
            changes.forEach(change -> forget(change, state));
        }
    }

    /** Of a pod that is gone nobody needs to be told any more what was wrong with it. */
    private void forget(FindingChange change, AgentState state) {
        if (!(change instanceof FindingChange.Closed closed)
                || isThere(closed.container().podUid(), state)) {
            return;
        }
        synchronized (waiting) {
            if (waiting.removeIf(finding -> finding.id().equals(closed.finding().id()))) {
                tally.count("event", "dropped");
            }
        }
    }

    private static boolean isThere(String podUid, AgentState state) {
        return state.last().stream()
                .flatMap(last -> last.report().containers().stream())
                .anyMatch(container -> container.view().identity().podUid().equals(podUid));
    }

    private void remember(FindingChange change) {
        if (change instanceof FindingChange.Opened opened
                && opened.finding().kind() == FindingKind.DRIFT
                && opened.finding().severity().atLeast(Severity.HIGH)
                && !opened.finding().container().podUid().isEmpty()) {
            synchronized (waiting) {
                if (waiting.size() < MOST_WAITING) {
                    waiting.add(opened.finding());
                } else {
                    tally.count("event", "dropped");
                }
            }
        }
    }

    private void turn() {
        try {
            stand(report);
            stand(openReport);
            stand(readiness);
            event();
        } catch (RuntimeException e) {
            LOG.error("this is a bug in plumbline, please report it", e);
        }
    }

    private void stand(Standing<?> one) {
        ClusterWrites.Outcome outcome = one.turn().orElse(null);
        if (outcome instanceof ClusterWrites.Outcome.Refused refused) {
            tally.count(one.counted(), "refused");
            say(one.object(), refused.why(), AGAIN);
        } else if (outcome != null) {
            tally.count(one.counted(), "written");
            if (said.remove(one.object()) != null) {
                LOG.info("{}: written again", one.object());
            }
        }
    }

    private void event() {
        long now = System.nanoTime();
        Optional<Finding> next;
        synchronized (waiting) {
            next = Optional.ofNullable(waiting.peek());
        }
        if (next.isEmpty() || (eventsRefused && !events.due(now, true)) || !budget.take(now)) {
            return;
        }
        ClusterWrites.Outcome outcome = writes.create(next.get(), clock.instant());
        if (outcome instanceof ClusterWrites.Outcome.Refused refused) {
            eventsRefused = true;
            events.failed(System.nanoTime(), refused.after());
            tally.count("event", "refused");
            say("Event", refused.why(), AGAIN);
        } else {
            eventsRefused = false;
            events.succeeded(System.nanoTime());
            if (outcome instanceof ClusterWrites.Outcome.Hopeless hopeless) {
                // Else all that come after it would wait for ever.
                tally.count("event", "dropped");
                say("Event", hopeless.why(), "leaving it out");
            } else {
                tally.count("event", "written");
                said.remove("Event");
            }
            synchronized (waiting) {
                waiting.remove(next.get());
            }
        }
    }

    /** Once, until it is something else. */
    private void say(String object, String why, String next) {
        if (!why.equals(said.put(object, why))) {
            LOG.warn("{}: not written: {}; {}", object, why, next);
        }
    }

    /** Ends at once; what was not written is not. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
