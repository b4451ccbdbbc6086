package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An agent whose descriptors run out while it serves. It can open no process then, which is not the same as that there is none: what was
 * found stays, the agent says that it sees nothing, and what happened meanwhile is found when there are descriptors again.
 */
@Timeout(180)
final class ServeWithoutDescriptorsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String TWO = "{metadata: {name: two, namespace: shop}, spec: {containers: ["
            + "{name: before, securityContext: {runAsNonRoot: true, runAsUser: 1000}},"
            + "{name: meanwhile, securityContext: {runAsNonRoot: true, runAsUser: 1000}}]}}";

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "with the C library and events, '', 10m",
        "with the C library and many scans, '', 500ms",
        // Without the library nobody hears of events.
        "in Java by scans alone, -Dplumbline.native=/nowhere, 500ms"
    })
    void nothingIsTakenForEndedAndNothingIsMissed(String how, String javaOptions, String interval) throws Exception {
        try (Node node = Node.with("runc")) {
            Running pod = node.run(Pod.of(TWO));
            try (Serving agent = Serving.over(node, interval, javaOptions).listening()) {
                drift(node, pod, "before");
                await().atMost(PATIENCE).until(() -> agent.opened("root-user").size() == 1);
                await().atMost(PATIENCE).until(() -> agent.text("/readyz").equals("ok\n"));
                double scans = agent.metric("plumbline_scan_duration_seconds_count");

                descriptors(agent, 3);
                drift(node, pod, "meanwhile");
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> agent.text("/readyz?verbose").contains("EMFILE"));
                // Time for some more looks that fail.
                Thread.sleep(2000);
                assertThat(findings(agent)).isEqualTo(1);
                assertThat(agent.closed("root-user")).isEmpty();

                descriptors(agent, 4096);
                await().atMost(Duration.ofSeconds(5)).until(() -> findings(agent) == 2);
                await().atMost(PATIENCE).until(() -> agent.text("/readyz").equals("ok\n"));
                assertThat(agent.closed("root-user")).isEmpty();
                if (interval.equals("10m")) {
                    assertThat(agent.metric("plumbline_scan_duration_seconds_count"))
                            .isEqualTo(scans);
                }
            }
        }
    }

    private static void drift(Node node, Running pod, String container) {
        DriftAfterStart.inside(node, pod.containers().get(container)).withUid(0).drift("/bin/sleep", Marker.next());
    }

    private static int findings(Serving agent) {
        return agent.get("/api/v1/findings?check=root-user").path("total").asInt();
    }

    /** The soft limit: numbers from there on are not given out, and those that are stay. */
    private static void descriptors(Serving agent, int limit) {
        Command.succeed("prlimit", "--pid", Long.toString(agent.pid()), "--nofile=" + limit + ":");
    }
}
