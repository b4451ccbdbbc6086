package io.plumbline.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kubernetes.ApiServerClient;
import io.plumbline.kubernetes.Cadence;
import io.plumbline.kubernetes.ClusterPublisher;
import io.plumbline.kubernetes.ClusterPublisher.What;
import io.plumbline.metrics.AgentMetrics;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.Moment;
import io.plumbline.model.ScanReport;
import io.plumbline.scan.NodeScan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;

/**
 * {@code ./plumbline bench fleet}: what many agents cost their cluster. First real publishers against a real HTTP server on the loopback, for
 * the size of what they write; then the same pauses for thousands of them in a time that is only counted, for how often.
 */
final class Fleet {
    private static final int PUBLISHERS = 12;
    private static final long SECOND = 1_000_000_000L;
    private static final int HOURS = 3;

    /** In seconds: when the API server goes away, and for how long. */
    private static final int AWAY_AT = 2 * 3600;

    private static final int AWAY_FOR = 600;

    /** How often something new is found on a node. */
    private static final int NEWS_EACH_SECONDS = 3600;

    private Fleet() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            System.err.println("plumbline bench fleet: takes no words");
            System.exit(2);
        }
        AgentState state = state();
        System.out.println("Of this machine: " + metrics(state));
        System.out.println(written(state));
        System.out.println();
        System.out.println(
                "| nodes | reports a minute | most in a second, all started at once | most in a second, after "
                        + AWAY_FOR / 60 + " minutes without API server | Events a minute, at most |");
        System.out.println("| --- | --- | --- | --- | --- |");
        for (int nodes : new int[] {10, 1000, 15000}) {
            System.out.println(simulated(nodes));
        }
        System.exit(0);
    }

    private static AgentState state() throws IOException {
        ScanReport report = new NodeScan(NodeReader.open(ProcRoot.ofThisMachine()), Optional.empty(), "bench")
                .run(Optional.empty());
        Moment now = new Moment(Instant.now(), System.nanoTime());
        return new AgentState(
                now.at(),
                Duration.ofSeconds(15),
                now,
                Optional.of(new LastScan(report, now, Duration.ofMillis(30), 0)),
                Optional.empty(),
                new DeclaredSide(false, Optional.empty(), Optional.empty()),
                new Memory(Optional.empty(), Optional.empty()));
    }

    private static String metrics(AgentState state) {
        AgentMetrics metrics = new AgentMetrics("bench");
        metrics.publish(state, List.of());
        String text = metrics.text(null);
        return text.lines().filter(line -> !line.startsWith("#")).count() + " series, " + text.length()
                + " bytes a scrape, "
                + state.last().orElseThrow().report().findings().size() + " findings";
    }

    /** Real writes over real connections. */
    private static String written(AgentState state) throws Exception {
        ConcurrentLinkedQueue<Integer> sizes = new ConcurrentLinkedQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", exchange -> answer(exchange, sizes));
        server.start();
        Path kubeconfig = Files.createTempFile("plumbline-bench-", ".kubeconfig");
        List<ApiServerClient> clients = new ArrayList<>();
        List<ClusterPublisher> publishers = new ArrayList<>();
        try {
            Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                current-context: bench
                contexts: [{name: bench, context: {cluster: bench, user: bench}}]
                clusters: [{name: bench, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: bench, user: {token: bench}}]
                """.formatted(server.getAddress().getPort()));
            for (int node = 0; node < PUBLISHERS; node++) {
                ApiServerClient client = ApiServerClient.of(kubeconfig);
                clients.add(client);
                ClusterPublisher publisher = client.publisher(
                        "node" + node, Set.of(What.REPORT), "bench", InstantSource.system(), (object, result) -> {});
                publishers.add(publisher);
                publisher.publish(state, List.of());
            }
            long end = System.nanoTime() + 60 * SECOND;
            while (sizes.size() < PUBLISHERS && System.nanoTime() < end) {
                Thread.sleep(100);
            }
            LongSummaryStatistics each = sizes.stream().mapToLong(size -> size).summaryStatistics();
            return each.getCount() + " of " + PUBLISHERS + " publishers have written a report of " + each.getMax()
                    + " bytes at most";
        } finally {
            publishers.forEach(ClusterPublisher::close);
            clients.forEach(ApiServerClient::close);
            server.stop(0);
            Files.delete(kubeconfig);
        }
    }

    private static void answer(HttpExchange exchange, ConcurrentLinkedQueue<Integer> sizes) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean write = exchange.getRequestMethod().equals("PATCH");
            byte[] answer = write
                    ? body
                    : "{\"kind\": \"Node\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"n\", \"uid\": \"u\"}}"
                            .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            if (write) {
                sizes.add(body.length);
            }
        }
    }

    /** Three hours of so many agents, second by second. The seeds are fixed: the same numbers on every machine. */
    private static String simulated(int nodes) {
        Cadence[] agents = new Cadence[nodes];
        boolean[] news = new boolean[nodes];
        SplittableRandom random = new SplittableRandom(nodes);
        for (int node = 0; node < nodes; node++) {
            agents[node] = new Cadence(random.split(), 0);
            news[node] = true;
        }
        int[] taken = new int[HOURS * 3600];
        int[] asked = new int[HOURS * 3600];
        for (int second = 0; second < taken.length; second++) {
            boolean away = second >= AWAY_AT && second < AWAY_AT + AWAY_FOR;
            for (int node = 0; node < nodes; node++) {
                news[node] |= random.nextInt(NEWS_EACH_SECONDS) == 0;
                if (agents[node].due(second * SECOND, news[node])) {
                    asked[second]++;
                    if (away) {
                        agents[node].failed(second * SECOND, Duration.ZERO);
                    } else {
                        agents[node].succeeded(second * SECOND);
                        news[node] = false;
                        taken[second]++;
                    }
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "| %d | %.1f | %d | %d | %d |",
                nodes,
                sum(taken, 3600, AWAY_AT) / 60.0,
                most(asked, 0, 120),
                most(asked, AWAY_AT + AWAY_FOR, taken.length),
                nodes * 10);
    }

    private static long sum(int[] counts, int from, int to) {
        long sum = 0;
        for (int second = from; second < to; second++) {
            sum += counts[second];
        }
        return sum;
    }

    private static int most(int[] counts, int from, int to) {
        int most = 0;
        for (int second = from; second < to; second++) {
            most = Math.max(most, counts[second]);
        }
        return most;
    }
}
