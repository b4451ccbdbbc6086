package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Drift put into real containers while the agent serves: how long until it is on the stream, in the API and in the metrics, and that it
 * goes with its process. The next scan is minutes away: whatever is found is found by the kernel's events.
 *
 * <p>{@code -Dplumbline.storm.seconds=60} makes the storm longer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(600)
final class ServeDriftIT {
    private static final int CONTAINERS = 20;
    private static final int WAVES = 10;
    private static final int STORM_SECONDS = Integer.getInteger("plumbline.storm.seconds", 25);
    private static final int STORM_PER_SECOND = 3000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Node node;
    private Running pod;
    private Running mounting;
    private Serving agent;

    @BeforeAll
    void start() throws Exception {
        node = Node.with("runc");
        try {
            String containers = IntStream.range(0, CONTAINERS)
                    .mapToObj(i -> "{name: c%d, securityContext: {runAsNonRoot: true, runAsUser: 1000}}".formatted(i))
                    .collect(Collectors.joining(", "));
            pod = node.run(
                    Pod.of("{metadata: {name: many, namespace: shop}, spec: {containers: [" + containers + "]}}"));
            mounting = node.run(
                    Pod.of("{metadata: {name: mounting, namespace: shop}, spec: {containers: [{name: attached}, {name:"
                            + " readonly, securityContext: {readOnlyRootFilesystem: true}}]}}"));
            agent = Serving.over(node, "10m").listening();
            Machine.needs(
                    agent.text("/readyz?verbose").contains("events of processes are heard"),
                    "a kernel that tells of processes: " + agent.text("/readyz?verbose"));
        } catch (Exception | AssertionError e) {
            stop();
            throw e;
        }
    }

    @AfterAll
    void stop() {
        if (agent != null) {
            agent.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    @Order(1)
    void driftIsOnTheStreamInTheApiAndInTheMetricsWithinASecondAndGoesWithItsProcess() throws Exception {
        var delays = new ArrayList<Long>();
        for (int wave = 0; wave < WAVES; wave++) {
            delays.addAll(wave());
        }
        delays.sort(Comparator.naturalOrder());
        System.out.printf(
                "%d drifts from exec to the stream: p50 %.1f ms, p99 %.1f ms, longest %.1f ms%n",
                delays.size(),
                millis(delays.get(delays.size() / 2)),
                millis(delays.get(delays.size() * 99 / 100)),
                millis(delays.get(delays.size() - 1)));
        assertThat(delays).hasSize(CONTAINERS * WAVES);
        assertThat(millis(delays.get(delays.size() / 2))).isLessThan(1000);
        assertThat(millis(delays.get(delays.size() * 99 / 100))).isLessThan(3000);
        assertThat(agent.metric("plumbline_detection_delay_seconds_count")).isGreaterThanOrEqualTo(delays.size());
        assertThat(agent.metric("plumbline_scan_duration_seconds_count")).isEqualTo(1);
    }

    @Test
    @Order(2)
    void stormOfShortProcessesHidesNoDriftAndTakesNoMemory() throws Exception {
        long before = agent.residentKib();
        Process storm = new ProcessBuilder(
                        node.workload().toString(),
                        "storm",
                        Integer.toString(STORM_PER_SECOND),
                        Integer.toString(STORM_SECONDS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var delays = new ArrayList<Long>();
        long stormed;
        try (var output = new BufferedReader(new InputStreamReader(storm.getInputStream(), StandardCharsets.UTF_8))) {
            do {
                delays.addAll(wave());
            } while (storm.isAlive());
            stormed = Long.parseLong(output.readLine());
        } finally {
            storm.destroy();
        }
        delays.sort(Comparator.naturalOrder());
        long after = agent.residentKib();
        System.out.printf(
                "beside a storm of %d processes in %d s: %d drifts, p50 %.1f ms, longest %.1f ms; %.0f events lost;"
                        + " memory %d MiB before, %d MiB after%n",
                stormed,
                STORM_SECONDS,
                delays.size(),
                millis(delays.get(delays.size() / 2)),
                millis(delays.get(delays.size() - 1)),
                agent.metric("plumbline_events_lost_total"),
                before / 1024,
                after / 1024);
        assertThat(stormed).as("short processes").isGreaterThan(1000L * STORM_SECONDS);
        assertThat(after - before).as("KiB that the storm left").isLessThan(64 * 1024);
    }

    /** The agent is stopped in the middle of a storm: what the kernel could not keep for it, it has to find by itself. */
    @Test
    @Order(3)
    void eventsThatWereLostAreCountedAndWhatTheyToldOfIsFound() throws Exception {
        double lost = agent.metric("plumbline_events_lost_total");
        Process storm = new ProcessBuilder(node.workload().toString(), "storm", "10000", "10")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Command.succeed("kill", "-STOP", Long.toString(agent.pid()));
        try {
            agent.opened("root-user").clear();
            agent.closed("root-user").clear();
            Map<String, Placed.Drift> drifts = drift();
            Thread.sleep(3000);
            Command.succeed("kill", "-CONT", Long.toString(agent.pid()));
            awaitOpened();
            // A scan that was due may find them before the loss is seen.
            await().atMost(Duration.ofSeconds(10)).until(() -> agent.metric("plumbline_events_lost_total") > lost);
            end(drifts);
        } finally {
            Command.succeed("kill", "-CONT", Long.toString(agent.pid()));
            storm.destroy();
        }
        System.out.printf(
                "stopped for three seconds of a storm: %.0f events lost, nothing missed%n",
                agent.metric("plumbline_events_lost_total") - lost);
        awaitNoMoreScans();
    }

    /** Two more follow the one that finds what was lost, each some two seconds later: the tests below count them. */
    private void awaitNoMoreScans() throws InterruptedException {
        double before;
        do {
            before = agent.metric("plumbline_scan_duration_seconds_count");
            Thread.sleep(3000);
        } while (agent.metric("plumbline_scan_duration_seconds_count") > before);
    }

    /** No event of a process tells of a mount: the mount tables themselves are watched. */
    @Test
    @Order(4)
    void mountThatWasNotThereIsSeenWithoutAScan() {
        double scans = agent.metric("plumbline_scan_duration_seconds_count");
        Running.Container attached = mounting.containers().get("attached");
        long start = System.nanoTime();
        Command.succeed(
                node.workload().toString(),
                "attach",
                "/etc",
                attached.process().file("ns/mnt").toString(),
                "/tmp/host-etc");
        assertThat(millisUntilOpened("undeclared-mount", start)).isLessThan(3000);

        Running.Container readonly = mounting.containers().get("readonly");
        start = System.nanoTime();
        Command.succeed(
                "nsenter",
                "--target",
                Long.toString(readonly.pid()),
                "--mount",
                "--pid",
                "--",
                "/bin/busybox",
                "mount",
                "-o",
                "remount,bind,rw",
                "/");
        assertThat(millisUntilOpened("root-filesystem", start)).isLessThan(3000);
        assertThat(agent.metric("plumbline_scan_duration_seconds_count"))
                .as("scans, which did not find it")
                .isEqualTo(scans);
    }

    /** No event of a process tells of it either. */
    @Test
    @Order(5)
    void livingProcessThatMovesIntoAContainersCgroupIsSeenWithoutAScan() throws Exception {
        Running.Container attached = mounting.containers().get("attached");
        long pid = node.place().sleep();
        // What is younger is not judged, whatever it is.
        Thread.sleep(3000);
        double scans = agent.metric("plumbline_scan_duration_seconds_count");
        long start = System.nanoTime();
        node.move(pid, attached.cgroup());
        double millis = millisUntilOpened("host-mount", start);
        assertThat(millis).isLessThan(3000);
        assertThat(agent.metric("plumbline_scan_duration_seconds_count"))
                .as("scans, which did not find it")
                .isEqualTo(scans);
    }

    @Test
    @Order(6)
    void containerThatStartsIsKnownAndJudgedWithoutAScan() throws InterruptedException {
        double scans = agent.metric("plumbline_scan_duration_seconds_count");
        agent.opened("root-user").clear();
        Running late = node.run(Pod.withContainer("late", "{runAsNonRoot: true}"));
        // The kubelet learns of it some time after it was started, and until then answers as before.
        Thread.sleep(1500);
        long start = System.nanoTime();
        node.podList("pods.json", list -> {});
        double millis = millisUntilOpened("root-user", start);
        assertThat(millis).isLessThan(10_000);
        assertThat(agent.get("/api/v1/findings?check=root-user&pod="
                                + late.pod().name())
                        .path("total")
                        .asInt())
                .isEqualTo(1);
        assertThat(agent.metric("plumbline_scan_duration_seconds_count")).isEqualTo(scans);
    }

    private double millisUntilOpened(String check, long start) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !agent.opened(check).isEmpty());
        double millis = millis(agent.opened(check).values().iterator().next() - start);
        System.out.printf("what no event of a process tells of is on the stream as %s after %.1f ms%n", check, millis);
        return millis;
    }

    /** Root in each of the containers, one after the other; then the end of all. Returns the delays in nanoseconds. */
    private List<Long> wave() throws InterruptedException {
        agent.opened("root-user").clear();
        agent.closed("root-user").clear();
        Map<String, Placed.Drift> drifts = drift();
        awaitOpened();
        var delays = new ArrayList<Long>();
        var open = agent.get("/api/v1/findings?check=root-user&pod=many&limit=500");
        StreamSupport.stream(open.path("findings").spliterator(), false).forEach(finding -> {
            Long heard = agent.opened("root-user").get(finding.path("id").asText());
            assertThat(heard).as("%s", finding).isNotNull();
            delays.add(heard - drifts.get(finding.path("container").asText()).execNanos());
        });
        assertThat(delays).hasSize(CONTAINERS);
        assertThat(agent.text("/metrics"))
                .contains("plumbline_findings{check=\"root-user\",kind=\"drift\",namespace=\"shop\",severity=\"high\","
                        + "workload=\"many\"} " + CONTAINERS);
        end(drifts);
        return delays;
    }

    private Map<String, Placed.Drift> drift() {
        Map<String, Placed.Drift> drifts = new TreeMap<>();
        for (Running.Container container : pod.containers().values()) {
            drifts.put(
                    container.name(),
                    DriftAfterStart.inside(node, container).withUid(0).drift("/bin/sleep", Marker.next()));
        }
        return drifts;
    }

    private void awaitOpened() {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> agent.opened("root-user").size() >= CONTAINERS);
    }

    private void end(Map<String, Placed.Drift> drifts) throws InterruptedException {
        for (Placed.Drift drift : drifts.values()) {
            drift.end();
        }
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> agent.closed("root-user").size() >= CONTAINERS);
        assertThat(agent.get("/api/v1/findings?check=root-user&pod=many")
                        .path("total")
                        .asInt())
                .isZero();
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
