package io.plumbline.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** How to reach the cluster's API server: from a pod, or by a kubeconfig that somebody named. One lying around is never used. */
public final class ApiServerClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int MAX_TOKEN = 64 << 10;

    private final KubernetesClient client;

    private ApiServerClient(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The API server of the cluster that this pod is in; empty outside of a cluster. Nothing is asked yet.
     *
     * @param root this process's own root directory, {@code /} except in a test
     */
    public static Optional<ApiServerClient> inCluster(Map<String, String> environment, Path root) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        if (host.isBlank()) {
            return Optional.empty();
        }
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        Path account = root.resolve(InClusterDefaults.SERVICE_ACCOUNT);
        Config config = plain("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port)
                // The kubelet renews it in its file.
                .withOauthTokenProvider(() -> token(account.resolve("token")))
                .build();
        return Optional.of(new ApiServerClient(Kubeconfig.client(config, account.resolve("ca.crt"))));
    }

    /**
     * The API server of a kubeconfig's current context. Nothing is asked yet.
     *
     * @throws KubeletException if the file cannot be read or is no kubeconfig
     */
    public static ApiServerClient of(Path kubeconfig) throws KubeletException {
        return new ApiServerClient(Kubeconfig.client(Kubeconfig.read(kubeconfig, Duration.ofMillis(TIMEOUT_MILLIS))));
    }

    /** Answers who may see what. Closes with this. */
    public AccessReviews reviews() {
        return new AccessReviews(client);
    }

    /**
     * The profiles that the cluster's AppArmorProfile objects want on a node. Nothing is asked before {@link ProfileObjects#start}. Close it
     * before this.
     */
    public ProfileObjects profileObjects(String node) {
        return new ProfileObjects(client, node, ThreadLocalRandom.current(), ProfileObjects.USUAL);
    }

    /** The same with other pauses. */
    ProfileObjects profileObjects(String node, ProfileObjects.Pace pace) {
        return new ProfileObjects(client, node, ThreadLocalRandom.current(), pace);
    }

    /** Writes to the cluster what the agent of this node found. Close it before this. */
    public ClusterPublisher publisher(
            String node,
            Set<ClusterPublisher.What> what,
            String version,
            InstantSource clock,
            ClusterPublisher.Tally tally) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return publisher(
                node,
                what,
                version,
                clock,
                tally,
                () -> new Cadence(random, System.nanoTime()),
                new Cadence(random, System.nanoTime(), NodeReadiness.PAUSES));
    }

    /** The same with other pauses. */
    ClusterPublisher publisher(
            String node,
            Set<ClusterPublisher.What> what,
            String version,
            InstantSource clock,
            ClusterPublisher.Tally tally,
            Supplier<Cadence> cadences,
            Cadence readiness) {
        ClusterPublisher publisher =
                new ClusterPublisher(client, node, what, version, clock, tally, cadences, readiness);
        publisher.start();
        return publisher;
    }

    private static ConfigBuilder plain(String url) {
        // Of its own accord the library would look for a kubeconfig, for proxies and for a service account.
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withRequestTimeout(TIMEOUT_MILLIS)
                .withConnectionTimeout(TIMEOUT_MILLIS)
                .withRequestRetryBackoffLimit(0)
                // whoever watches says himself when to try again
                .withWatchReconnectLimit(0)
                .withUserAgent("plumbline");
    }

    private static String token(Path file) {
        try {
            return new String(PemFile.bytes(file, "the bearer token", MAX_TOKEN), StandardCharsets.US_ASCII).strip();
        } catch (KubeletException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
