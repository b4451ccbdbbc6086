package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the API server what the kubelet does not know. What it refuses is unreadable, with its words, and no more than that.
 *
 * <p>An answer is good for some minutes: labels and policies change seldom, and there is one agent per node to ask for them.
 */
final class ClusterQuestions {

    private static final Duration GOOD_FOR = Duration.ofMinutes(5);

    /** This agent's own, a fifth more or less: thousands of them that started together do not ask together. */
    private final long goodForNanos =
            (long) (GOOD_FOR.toNanos() * ThreadLocalRandom.current().nextDouble(0.8, 1.2));

    private final ApiServer server;
    private final KubeletConnection connection;
    private final JsonFactory factory;
    private @Nullable ClusterFacts last;
    private long askedAt;

    ClusterQuestions(ApiServer server, KubeletConnection connection, JsonFactory factory) {
        this.server = server;
        this.connection = connection;
        this.factory = factory;
    }

    ClusterFacts facts() {
        ClusterFacts known = last;
        if (known == null || System.nanoTime() - askedAt >= goodForNanos) {
            String node = URLEncoder.encode(server.node(), StandardCharsets.UTF_8);
            known = new ClusterFacts(
                    list("/api/v1/namespaces", "Namespace", ClusterObjects::namespaces),
                    list(
                            "/apis/networking.k8s.io/v1/networkpolicies",
                            "NetworkPolicy",
                            ClusterObjects::networkPolicies),
                    node("/api/v1/nodes/" + node));
            last = known;
            askedAt = System.nanoTime();
        }
        return known;
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

    private Reading<ClusterFacts.Versions> node(String path) {
        return ask(path, json -> {
            ClusterObjects objects = new ClusterObjects(json);
            item(json, objects, "Node");
            return objects.node(server.node())
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
        try {
            return Reading.of(
                    JsonCursor.read(factory, connection.get(path), source, "an answer of the API server", reader));
        } catch (KubeletException e) {
            return new Reading.Unreadable<>(source, e.problem());
        }
    }
}
