package io.plumbline.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the cluster's AppArmorProfile objects, by a thread of its own: one list, and then a watch that goes on where it was cut. While the
 * API server is away, or refuses, what was known last holds.
 */
public final class ProfileObjects implements AutoCloseable {

    static final Pace USUAL = new Pace(
            new Cadence.Pauses(
                    Duration.ofSeconds(1), Duration.ofMinutes(30), Duration.ofSeconds(2), Duration.ofMinutes(2)),
            Duration.ofMinutes(8),
            Duration.ofMinutes(5));

    private static final Logger LOG = LoggerFactory.getLogger(ProfileObjects.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration AT_ONCE = Duration.ofSeconds(5);
    private static final String RIGHTS = "list and watch on apparmorprofiles.plumbline.io, and get on nodes";

    private static final ResourceDefinitionContext PROFILES = new ResourceDefinitionContext.Builder()
            .withGroup(ClusterWrites.GROUP)
            .withVersion(ClusterWrites.VERSION)
            .withKind("AppArmorProfile")
            .withPlural("apparmorprofiles")
            .withNamespaced(false)
            .build();

    private final KubernetesClient client;
    private final String node;
    private final RandomGenerator random;
    private final Pace pace;
    private final Cadence cadence;
    private final WantedObjects objects = new WantedObjects();
    private final Thread thread = new Thread(this::follow, "profile-objects");
    private volatile Runnable changed = () -> {};
    private volatile boolean ended;
    private volatile @Nullable String version;
    private volatile long labelsDue;
    private Optional<String> said = Optional.empty();

    /**
     * How fast.
     *
     * @param pauses between a failure and the next attempt
     * @param watch how long one watch lasts, give or take a quarter: the server ends it then, and a connection that died is noticed
     * @param labels how long a change of the node's labels may go unnoticed
     */
    record Pace(Cadence.Pauses pauses, Duration watch, Duration labels) {}

    ProfileObjects(KubernetesClient client, String node, RandomGenerator random, Pace pace) {
        this.client = client;
        this.node = node;
        this.random = random;
        this.pace = pace;
        this.cadence = new Cadence(random, System.nanoTime(), pace.pauses());
        thread.setDaemon(true);
    }

    /**
     * Begins to follow.
     *
     * @param whenChanged called by a thread of this, after what is wanted has changed
     */
    public void start(Runnable whenChanged) {
        changed = whenChanged;
        thread.start();
    }

    /** What is wanted on this node, as far as is known. Asks nobody. */
    public WantedObjects.State state() {
        return objects.state();
    }

    private void follow() {
        try {
            while (!ended) {
                TimeUnit.NANOSECONDS.sleep(cadence.left(System.nanoTime()).toNanos());
                turn();
            }
        } catch (InterruptedException e) {
            // The end.
        }
    }

    private void turn() throws InterruptedException {
        try {
            if (version == null) {
                list();
                cadence.succeeded(System.nanoTime());
                recovered();
            }
            watch();
        } catch (KubernetesClientException e) {
            failed(e);
        } catch (InterruptedException e) {
            throw e;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            failed(NodeReport.shown(String.valueOf(e.getMessage())), Duration.ZERO);
        }
    }

    private void list() {
        GenericKubernetesResourceList list = client.genericKubernetesResources(PROFILES)
                // from the server's memory, not from etcd: many nodes ask
                .list(new ListOptionsBuilder().withResourceVersion("0").build());
        if (list == null || list.getMetadata() == null) {
            throw new IllegalStateException("the answer is no list");
        }
        objects.replace(list.getItems());
        version = list.getMetadata().getResourceVersion();
        try {
            labels();
        } finally {
            changed.run();
        }
    }

    /** Returns when the watch has come to its end in good order, or its time is over. */
    private void watch() throws InterruptedException {
        long lasts = (long) (pace.watch().toMillis() * (0.75 + random.nextDouble() / 2));
        long began = System.nanoTime();
        long deadline = began + TimeUnit.MILLISECONDS.toNanos(lasts);
        CompletableFuture<Optional<WatcherException>> end = new CompletableFuture<>();
        Following following = new Following(end);
        Watch watch = client.genericKubernetesResources(PROFILES)
                .watch(
                        new ListOptionsBuilder()
                                .withResourceVersion(version)
                                .withAllowWatchBookmarks(true)
                                .withTimeoutSeconds(Math.max(1, lasts / 1000))
                                .build(),
                        following);
        try {
            recovered();
            while (!end.isDone() && System.nanoTime() - deadline < 0) {
                await(end, LOOK);
                if (System.nanoTime() - labelsDue >= 0 && labels()) {
                    changed.run();
                }
            }
        } finally {
            watch.close();
        }
        Optional<WatcherException> cause = end.getNow(Optional.empty());
        boolean gone = cause.filter(WatcherException::isHttpGone).isPresent();
        if (!gone && cause.isPresent() && cause.get().getCause() instanceof KubernetesClientException refused) {
            throw refused;
        }
        long now = System.nanoTime();
        if (gone) {
            // It forgot where we were: from the beginning.
            cadence.failed(now, Duration.ZERO);
            version = null;
        } else if (following.heard || now - began > AT_ONCE.toNanos()) {
            cadence.succeeded(now);
        } else {
            // Over before it brought anything: refused in a way that the library keeps to itself. A list brings it to
            // light.
            cadence.failed(now, Duration.ZERO);
            version = null;
        }
    }

    private static void await(CompletableFuture<?> end, Duration time) throws InterruptedException {
        try {
            end.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Then it is time for something else.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads the node's labels where anything depends on them; says whether that changed anything. */
    private boolean labels() {
        labelsDue = System.nanoTime() + (long) (pace.labels().toNanos() * (0.75 + random.nextDouble() / 2));
        if (!objects.dependOnLabels()) {
            return false;
        }
        Node found = client.nodes().withName(node).get();
        if (found == null) {
            throw new IllegalStateException("the cluster has no node " + node + "; NODE_NAME is its spec.nodeName");
        }
        return objects.label(
                Optional.ofNullable(found.getMetadata().getLabels()).orElse(Map.of()));
    }

    private void failed(KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_GONE) {
            version = null;
        }
        ClusterWrites.Outcome.Refused refused = ClusterWrites.refused(e, RIGHTS);
        failed(refused.why(), refused.after());
    }

    private void failed(String why, Duration after) {
        cadence.failed(System.nanoTime(), after);
        objects.trouble(why);
        if (!ended && !said.equals(Optional.of(why))) {
            LOG.warn("AppArmorProfile objects: {}; the last ones known hold, retrying with growing pauses", why);
            said = Optional.of(why);
        }
    }

    private void recovered() {
        objects.untroubled();
        if (said.isPresent()) {
            LOG.info("AppArmorProfile objects are followed again");
            said = Optional.empty();
        }
    }

    /** Ends at once. */
    @Override
    public void close() {
        ended = true;
        thread.interrupt();
    }

    private final class Following implements Watcher<GenericKubernetesResource> {
        private final CompletableFuture<Optional<WatcherException>> end;
        private volatile boolean heard;

        Following(CompletableFuture<Optional<WatcherException>> end) {
            this.end = end;
        }

        @Override
        public void eventReceived(Action action, GenericKubernetesResource object) {
            heard = true;
            if (object.getMetadata().getResourceVersion() != null) {
                version = object.getMetadata().getResourceVersion();
            }
            boolean news = switch (action) {
                case ADDED, MODIFIED -> objects.put(object);
                case DELETED -> objects.remove(object.getMetadata().getName());
                default -> false;
            };
            if (news) {
                // Somebody may be the first to ask for labels.
                labelsDue = objects.lackLabels() ? System.nanoTime() : labelsDue;
                changed.run();
            }
        }

        @Override
        public void onClose() {
            end.complete(Optional.empty());
        }

        @Override
        public void onClose(WatcherException cause) {
            end.complete(Optional.of(cause));
        }
    }
}
