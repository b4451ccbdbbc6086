package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.kubernetes.PodListReader.PodList;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks one kubelet for its pods and its configuration. Not for several threads at once. */
public final class KubeletClient implements AutoCloseable {

    private final KubeletOptions options;
    private final KubeletConnection connection;
    private final Optional<ApiServer> apiServer;
    private final Optional<KubeletConnection> apiConnection;
    private final JsonFactory factory = JsonCursor.factory();
    private final PodListReader pods = new PodListReader(factory);
    private final Optional<ClusterQuestions> cluster;

    public KubeletClient(KubeletOptions options) {
        this(options, Optional.empty());
    }

    /**
     * A client that knows whom else to ask.
     *
     * @param apiServer asked for the node's pods where the kubelet answers 403
     */
    public KubeletClient(KubeletOptions options, Optional<ApiServer> apiServer) {
        this(options, apiServer, JsonCursor.MAX_BYTES);
    }

    /**
     * A client with a limit of its own.
     *
     * @param limit of an answer, in bytes
     */
    KubeletClient(KubeletOptions options, Optional<ApiServer> apiServer, int limit) {
        this.options = options;
        this.connection = KubeletConnection.toKubelet(options, limit);
        this.apiServer = apiServer;
        this.apiConnection = apiServer.map(server -> server.connection(limit));
        this.cluster = apiServer.map(server -> new ClusterQuestions(server, apiConnection.orElseThrow(), factory));
    }

    /**
     * What runs on the node now. A configuration that the kubelet does not give is unreadable and no more than that.
     *
     * @throws KubeletException if the pods cannot be had, after {@link KubeletOptions#deadline()} at the latest
     */
    public DeclaredNode node() throws KubeletException {
        String source = options.url().toString();
        List<String> warnings = new ArrayList<>();
        String answered = source;
        PodList list;
        try {
            list = pods.read(connection.get("/pods"), source + "/pods");
        } catch (ForbiddenException refused) {
            ApiServer server = apiServer.orElseThrow(() -> refused);
            String node = server.node().orElseThrow(() -> refused);
            list = podsOfTheNode(server, node, refused);
            answered = server.options().url() + ApiServer.PREFIX + "v1/pods?fieldSelector=spec.nodeName=" + node;
            warnings.add(
                    "the pods are the API server's, which knows of them later than the kubelet, because the kubelet refused: "
                            + refused.getMessage());
        }
        warnings.addAll(list.warnings());
        if (options.insecureSkipVerify()) {
            warnings.add("the certificate of " + source
                    + " was not verified (--kubelet-insecure-skip-verify): whoever answers there can make up pods");
        }
        Optional<String> name = list.nodeName();
        ClusterFacts facts =
                cluster.map(questions -> questions.facts(name, warnings)).orElse(ClusterFacts.NOT_ASKED);
        return new DeclaredNode(
                answered, list.nodeName(), list.pods(), configuration(source + "/configz"), warnings, facts);
    }

    private PodList podsOfTheNode(ApiServer server, String node, ForbiddenException refused) throws KubeletException {
        String path = ApiServer.podsOf(node);
        try {
            return pods.read(
                    apiConnection.orElseThrow().get(path), server.options().url() + path);
        } catch (KubeletException e) {
            throw new KubeletException(
                    options.url() + "/pods", refused.problem() + "; and the API server: " + e.getMessage(), e);
        }
    }

    private Reading<KubeletConfiguration> configuration(String source) {
        try {
            return Reading.of(Configz.read(factory, connection.get("/configz"), source));
        } catch (KubeletException e) {
            return new Reading.Unreadable<>(source, e.problem());
        }
    }

    @Override
    public void close() {
        connection.close();
        apiConnection.ifPresent(KubeletConnection::close);
    }
}
