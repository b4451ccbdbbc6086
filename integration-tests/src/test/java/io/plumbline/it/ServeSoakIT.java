package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The agent over a long time, in a heap as small as on a node: drift comes and goes, containers' mounts change, short processes come by the
 * hundred, people ask and listeners come and leave. What it holds at the end is what it held at the beginning.
 *
 * <p>{@code -Dplumbline.soak.seconds=3600} makes it an hour.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServeSoakIT {
    private static final int SECONDS = Integer.getInteger("plumbline.soak.seconds", 60);
    private static final int STORM_PER_SECOND = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Node node;
    private Running pod;
    private Serving agent;

    @BeforeAll
    void start() throws IOException {
        node = Node.with("runc");
        try {
            pod = node.run(Pod.of("{metadata: {name: soaked, namespace: shop}, spec: {containers: [{name: main,"
                    + " securityContext: {runAsNonRoot: true, runAsUser: 1000}}]}}"));
            agent = Serving.over(node, "1s", "-Xms16m -Xmx48m");
        } catch (IOException | RuntimeException | AssertionError e) {
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
    void whatTheAgentHoldsStaysTheSame() throws Exception {
        Process storm = new ProcessBuilder(
                        node.workload().toString(),
                        "storm",
                        Integer.toString(STORM_PER_SECOND),
                        Integer.toString(2 * SECONDS + 60))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var held = new ArrayList<Held>();
        try {
            // What a JVM grows by while its code is compiled is over by then.
            work(SECONDS / 3, new ArrayList<>());
            work(SECONDS * 2 / 3, held);
        } finally {
            storm.destroy();
        }
        List<Held> first = held.subList(0, held.size() / 3);
        List<Held> last = held.subList(held.size() * 2 / 3, held.size());
        System.out.printf(
                "%d s of drift, mounts, questions and listeners: resident %d to %d MiB, live heap %d to %d MiB,"
                        + " descriptors %d to %d, threads %d to %d%n",
                SECONDS,
                most(first, Held::residentKib) / 1024,
                most(last, Held::residentKib) / 1024,
                least(first, Held::heapKib) / 1024,
                least(last, Held::heapKib) / 1024,
                most(first, Held::descriptors),
                most(last, Held::descriptors),
                most(first, Held::threads),
                most(last, Held::threads));
        assertThat(most(last, Held::residentKib)).isLessThan(most(first, Held::residentKib) * 11 / 10 + 8 * 1024);
        assertThat(least(last, Held::heapKib)).isLessThan(least(first, Held::heapKib) * 5 / 4 + 2 * 1024);
        assertThat(most(last, Held::descriptors)).isLessThanOrEqualTo(most(first, Held::descriptors) + 4);
        assertThat(most(last, Held::threads)).isLessThanOrEqualTo(most(first, Held::threads) + 2);
        assertThat(agent.text("/readyz")).isEqualTo("ok\n");
        assertThat(agent.log()).doesNotContain("this is a bug", "OutOfMemory", "Unhandled");
    }

    private void work(int seconds, List<Held> held) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Running.Container container = pod.containers().get("main");
        while (System.nanoTime() < end) {
            Placed.Drift drift =
                    DriftAfterStart.inside(node, container).withUid(0).drift("/bin/sleep", Marker.next());
            await().atMost(PATIENCE).until(() -> drifts() == 1);
            for (String path :
                    List.of("/api/v1/node", "/api/v1/pods/shop/soaked", "/api/v1/processes", "/", "/nosuch")) {
                assertThat(agent.text(path)).isNotEmpty();
            }
            mount(container, "mount", "-t", "tmpfs", "tmpfs", "/tmp");
            mount(container, "umount", "/tmp");
            agent.listenForAMoment();
            drift.end();
            await().atMost(PATIENCE).until(() -> drifts() == 0);
            held.add(held());
        }
    }

    private static void mount(Running.Container container, String... words) {
        var command = new ArrayList<>(List.of(
                "nsenter", "--target", Long.toString(container.pid()), "--mount", "--pid", "--", "/bin/busybox"));
        command.addAll(List.of(words));
        Command.succeed(command);
    }

    private int drifts() {
        return agent.get("/api/v1/findings?check=root-user").path("total").asInt();
    }

    private Held held() {
        String[] descriptors =
                Path.of("/proc", Long.toString(agent.pid()), "fd").toFile().list();
        return new Held(
                agent.residentKib(),
                (long) agent.metric("jvm_memory_used_bytes{area=\"heap\"}") / 1024,
                descriptors == null ? 0 : descriptors.length,
                Long.parseLong(new Proc(agent.pid()).status("Threads").strip()));
    }

    private static long most(List<Held> of, ToLongFunction<Held> what) {
        return of.stream().mapToLong(what).max().orElseThrow();
    }

    private static long least(List<Held> of, ToLongFunction<Held> what) {
        return of.stream().mapToLong(what).min().orElseThrow();
    }

    /** What the agent's process holds at one moment. */
    private record Held(long residentKib, long heapKib, long descriptors, long threads) {}
}
