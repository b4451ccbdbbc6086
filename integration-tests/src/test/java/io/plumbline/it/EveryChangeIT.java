package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Living processes of real containers change at random moments, in random order, and each change is a finding within two intervals: the
 * second whole scan after it shows it. Nothing else is found, and what is put right closes. Half of them where the kernel's task iterator tells
 * what changed, half where it is switched off.
 *
 * <p>{@code -Dplumbline.it.changes=1000} makes so many, {@code -Dplumbline.it.seed=N} others.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EveryChangeIT {
    private static final int CHANGES = Integer.getInteger("plumbline.it.changes", 60);
    private static final long SEED = Long.getLong("plumbline.it.seed", 20261121);
    private static final int AT_A_TIME = 15;
    private static final int INTERVAL_MILLIS = 1000;
    private static final String SCANS = "plumbline_scan_duration_seconds_count";

    private final Random random = new Random(SEED);
    private final List<String> missed = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<Long> delays = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private Node node;
    private Serving agent;

    /** A change and where it happens. */
    private record Place(Change change, Running pod) {
        Running.Container where() {
            return pod.container(change.container());
        }

        @Override
        public String toString() {
            return change.title() + " in " + pod.pod().name();
        }
    }

    /** One that has happened. */
    private record Happened(Place place, long pid, long atNanos, long scansBefore) {}

    @BeforeAll
    void startPods() throws IOException {
        node = Node.with("runc");
        node.run(Pod.withContainer("neighbour", "{}"));
        for (String name : List.of("changing-a", "changing-b")) {
            Running pod = node.run(Change.pod(name));
            Change.all().forEach(change -> places.add(new Place(change, pod)));
        }
    }

    @AfterEach
    void endAgent() {
        if (agent != null) {
            agent.close();
        }
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void everyChangeIsFoundWithinTwoIntervals(String taskIterator) throws Exception {
        agent = Serving.over(node, INTERVAL_MILLIS + "ms", "", "--task-iterator", taskIterator);
        int changes = CHANGES / 2;
        delays.clear();
        for (int done = 0; done < changes; done += AT_A_TIME) {
            Collections.shuffle(places, random);
            round(places.subList(0, Math.min(AT_A_TIME, changes - done)));
        }
        Collections.sort(delays);
        System.out.printf(
                "%d changes (seed %d), task iterator %s, interval %d ms: %d missed; from change to finding p50 %d ms, longest %d ms%n",
                changes,
                SEED,
                taskIterator,
                INTERVAL_MILLIS,
                missed.size(),
                delays.get(delays.size() / 2),
                delays.get(delays.size() - 1));
        assertThat(missed).as("not found by the second scan after it").isEmpty();
        assertThat(wrong).as("found, and nobody changed it").isEmpty();
    }

    private void round(List<Place> chosen) throws Exception {
        Map<Place, Change.Ready> ready = new LinkedHashMap<>();
        for (Place place : chosen) {
            ready.put(place, place.change().preparation().prepare(node, place.pod(), place.where()));
        }
        for (Change.Ready one : ready.values()) {
            if (one.pid() != 0) {
                new Proc(one.pid()).awaitSettled();
            }
        }
        // Two scans with all of them settled: what waits is no finding.
        long scans = scans();
        await().atMost(Duration.ofSeconds(30)).until(() -> scans() >= scans + 3);
        drift().forEach(finding -> wrong.add("before any change: " + finding));
        List<Happened> waiting = new ArrayList<>();
        for (Map.Entry<Place, Change.Ready> one : ready.entrySet()) {
            Thread.sleep(random.nextInt(200));
            look(waiting);
            long before = scans();
            long pid = one.getValue().change().now();
            waiting.add(new Happened(one.getKey(), pid, System.nanoTime(), before));
        }
        while (!waiting.isEmpty()) {
            Thread.sleep(50);
            look(waiting);
        }
        assertNothingElse(chosen);
        for (Map.Entry<Place, Change.Ready> one : ready.entrySet()) {
            one.getValue().undo().run();
        }
        await("everything closes")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(drift()).isEmpty());
    }

    /** Takes those away that are found, and those that should have been. */
    private void look(List<Happened> waiting) {
        // In this order: what the scans so far have shown is in the answer.
        long scans = scans();
        List<Finding> found = drift();
        waiting.removeIf(one -> {
            if (found.stream().anyMatch(finding -> isOf(finding, one))) {
                delays.add((System.nanoTime() - one.atNanos()) / 1_000_000);
                return true;
            }
            // One scan may have been under way when it happened.
            boolean late = scans >= one.scansBefore() + 3;
            if (late) {
                missed.add(one.place() + " (pid " + one.pid() + ", "
                        + one.place().change().check() + "), found instead: "
                        + found.stream()
                                .filter(finding -> isIn(finding, one.place()))
                                .map(finding -> finding.check() + finding.pids())
                                .toList());
            }
            return late;
        });
    }

    private static boolean isOf(Finding finding, Happened one) {
        return isIn(finding, one.place())
                && finding.check().equals(one.place().change().check())
                && finding.pids().contains(one.pid());
    }

    private static boolean isIn(Finding finding, Place place) {
        return finding.text("pod").equals(place.pod().pod().name())
                && finding.text("container").equals(place.change().container());
    }

    /** A process of the host in a container's cgroup differs in nearly everything; each other change is one finding. */
    private void assertNothingElse(List<Place> chosen) {
        for (Finding finding : drift()) {
            boolean expected = chosen.stream()
                    .filter(place -> isIn(finding, place))
                    .anyMatch(place -> place.change().container().equals("joined")
                            || finding.check().equals(place.change().check()));
            if (!expected) {
                wrong.add(finding.text("pod") + "/" + finding.text("container") + ": " + finding.text("message"));
            }
        }
    }

    private long scans() {
        return (long) agent.metric(SCANS);
    }

    /** In the pods of this test. */
    private List<Finding> drift() {
        Set<String> names = new HashSet<>();
        node.pods().forEach(running -> names.add(running.pod().name()));
        List<Finding> drift = new ArrayList<>();
        JsonNode page = agent.get("/api/v1/findings?kind=drift&namespace=shop&limit=500");
        assertThat(page.path("total").asInt()).isLessThanOrEqualTo(500);
        page.path("findings").forEach(json -> {
            Finding finding = new Finding(json);
            if (names.contains(finding.text("pod"))) {
                drift.add(finding);
            }
        });
        return drift;
    }
}
