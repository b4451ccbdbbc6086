package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server what the kubelet does not know. What it refuses is unreadable, with its words, and no more than that. Where it does
 * not answer, what it said last holds, with a warning: policies do not change because somebody cannot be asked.
 *
 * <p>An answer is good for some minutes: labels and policies change seldom, and there is one agent per node to ask for them.
 */
final class ClusterQuestions {

    private static final Duration GOOD_FOR = Duration.ofMinutes(5);
    private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(30);

    /** This agent's own, a fifth more or less: thousands of them that started together do not ask together. */
    private final double share = ThreadLocalRandom.current().nextDouble(0.8, 1.2);

    private final ApiServer server;
    private final KubeletConnection connection;
    private final JsonFactory factory;
    private final Duration goodFor;
    private final Duration askedAgainAfter;
    private @Nullable ClusterFacts last;
    private Optional<String> silence = Optional.empty();
    private Instant answeredAt = Instant.EPOCH;
    private long askedAt;

    ClusterQuestions(ApiServer server, KubeletConnection connection, JsonFactory factory) {
        this(server, connection, factory, GOOD_FOR, ASKED_AGAIN_AFTER);
    }

    /**
     * The same with times of its own.
     *
     * @param goodFor how long an answer is good for
     * @param askedAgainAfter how long nobody is asked again who did not answer
     */
    ClusterQuestions(
            ApiServer server,
            KubeletConnection connection,
            JsonFactory factory,
            Duration goodFor,
            Duration askedAgainAfter) {
        this.server = server;
        this.connection = connection;
        this.factory = factory;
        this.goodFor = goodFor;
        this.askedAgainAfter = askedAgainAfter;
    }

    /**
     * What holds in the cluster.
     *
     * @param node the name of this node as its pods tell it, for where nothing else does
     * @param warnings to which one is added where the answer is an old one
     */
    ClusterFacts facts(Optional<String> node, List<String> warnings) {
        ClusterFacts known = last;
        Duration wait = silence.isEmpty() ? goodFor : askedAgainAfter;
        if (known == null || System.nanoTime() - askedAt >= wait.toNanos() * share) {
            silence = Optional.empty();
            ClusterFacts answer = ask(server.node().or(() -> node));
            askedAt = System.nanoTime();
            if (silence.isEmpty()) {
                answeredAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            }
            known = known == null
                    ? answer
                    : new ClusterFacts(
                            newest(answer.namespaces(), known.namespaces()),
                            newest(answer.networkPolicies(), known.networkPolicies()),
                            newest(answer.node(), known.node()));
            last = known;
        }
        silence.ifPresent(why -> warnings.add(
                answeredAt.equals(Instant.EPOCH)
                        ? "the API server has not answered yet: " + why
                        : "what the API server says is of " + answeredAt + ", because a newer answer could not be had: "
                                + why));
        return known;
    }

    private ClusterFacts ask(Optional<String> node) {
        return new ClusterFacts(
                list("/api/v1/namespaces", "Namespace", ClusterObjects::namespaces),
                list("/apis/networking.k8s.io/v1/networkpolicies", "NetworkPolicy", ClusterObjects::networkPolicies),
                node.isPresent()
                        ? node(node.get())
                        : new Reading.Unreadable<>(
                                server.options().url() + "/api/v1/nodes",
                                "nothing tells this node's name; set NODE_NAME to it"));
    }

    /** Whoever refuses has answered; whoever says nothing, or nonsense, has not. */
    private <T> Reading<T> newest(Reading<T> now, Reading<T> before) {
        return silence.isPresent() && now instanceof Reading.Unreadable<T> ? before : now;
    }

    private <T> Reading<T> list(String path, String kind, Function<ClusterObjects, T> value) {
        return ask(path, json -> {
            ClusterObjects objects = new ClusterObjects(json);
            json.object(field -> {
                if (field.equals("items")) {
                    json.array(() -> item(json, objects, kind));
                }
            });
            return value.apply(objects);
        });
    }

    private Reading<ClusterFacts.Versions> node(String name) {
        String path = "/api/v1/nodes/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
        return ask(path, json -> {
            ClusterObjects objects = new ClusterObjects(json);
            item(json, objects, "Node");
            return objects.node(name)
                    .orElseThrow(() -> new KubeletException(server.options().url() + path, "not the node asked for"));
        });
    }

    private static void item(JsonCursor json, ClusterObjects objects, String kind) throws IOException {
        ClusterObjects.Item item = objects.new Item();
        json.object(field -> item.field(kind, field));
        item.end(kind);
    }

    private <T> Reading<T> ask(String path, JsonCursor.Reader<T> reader) {
        String source = server.options().url() + path;
        if (silence.isPresent()) {
            // One long wait is enough.
            return new Reading.Unreadable<>(source, silence.get());
        }
        try {
            return Reading.of(
                    JsonCursor.read(factory, connection.get(path), source, "an answer of the API server", reader));
        } catch (RefusedException e) {
            return new Reading.Unreadable<>(source, e.problem());
        } catch (KubeletException e) {
            silence = Optional.of(String.valueOf(e.getMessage()));
            return new Reading.Unreadable<>(source, e.problem());
        }
    }
}
