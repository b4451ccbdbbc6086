package io.plumbline.kubernetes;

import io.plumbline.SketchedReport;
import io.plumbline.kubernetes.ClusterPublisher.What;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingChange;
import io.plumbline.model.Moment;
import io.plumbline.model.OpenFinding;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The publisher of {@code node1}, where it is noon and no pause is long. */
final class QuickPublisher implements AutoCloseable {
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    /** More than it takes to write anything, with refusals. */
    static final Duration SOON = Duration.ofSeconds(20);

    /** As an agent's, but for the unit: seconds are milliseconds. */
    private static final Cadence.Pauses QUICK = new Cadence.Pauses(
            Duration.ofMillis(30), Duration.ofMinutes(30), Duration.ofMillis(5), Duration.ofMillis(600));

    private final Map<String, Integer> counted = new ConcurrentHashMap<>();
    private final ApiServerClient client;
    private final ClusterPublisher publisher;

    /** @param client closed with this */
    QuickPublisher(ApiServerClient client, What... what) {
        this.client = client;
        this.publisher = client.publisher(
                "node1",
                Set.of(what),
                "1.2.3",
                InstantSource.fixed(NOON),
                (object, result) -> counted.merge(object + " " + result, 1, Integer::sum),
                () -> new Cadence(new Random(1), System.nanoTime(), QUICK),
                new Cadence(new Random(2), System.nanoTime(), QUICK));
    }

    /** How often what became of what, such as {@code nodereport written}. */
    Map<String, Integer> counted() {
        return counted;
    }

    /** Tells it of a scan. */
    void scanned(SketchedReport sketch) {
        publisher.publish(
                state(Optional.of(new LastScan(sketch.report(), new Moment(NOON, 0), Duration.ofMillis(30), 0))),
                List.of());
    }

    /** Tells it of a finding that opened. */
    void opened(Finding finding) {
        publisher.publish(state(Optional.empty()), List.of(new FindingChange.Opened(finding)));
    }

    /** Tells it of a finding that closed, by a scan that saw nothing of its pod any more. */
    void gone(Finding finding) {
        publisher.publish(state(Optional.empty()), List.of(new FindingChange.Closed(OpenFinding.of(finding))));
    }

    private static AgentState state(Optional<LastScan> last) {
        return new AgentState(
                NOON.minusSeconds(60),
                Duration.ofSeconds(15),
                new Moment(NOON, 0),
                last,
                Optional.empty(),
                new DeclaredSide(false, Optional.empty(), Optional.empty()),
                new Memory(Optional.empty(), Optional.empty()));
    }

    @Override
    public void close() {
        publisher.close();
        client.close();
    }
}
