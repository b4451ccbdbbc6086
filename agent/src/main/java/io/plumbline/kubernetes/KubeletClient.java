package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.kubernetes.PodListReader.PodList;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;

/** Asks one kubelet for its pods and its configuration. Not for several threads at once. */
public final class KubeletClient implements AutoCloseable {

    private final KubeletOptions options;
    private final KubeletConnection connection;
    private final JsonFactory factory = JsonCursor.factory();
    private final PodListReader pods = new PodListReader(factory);

    public KubeletClient(KubeletOptions options) {
        this(options, JsonCursor.MAX_BYTES);
    }

    /**
     * A client with a limit of its own.
     *
     * @param limit of an answer, in bytes
     */
    KubeletClient(KubeletOptions options, int limit) {
        this.options = options;
        this.connection = new KubeletConnection(options, limit);
    }

    /**
     * What runs on the node now. A configuration that the kubelet does not give is unreadable and no more than that.
     *
     * @throws KubeletException if the pods cannot be had, after {@link KubeletOptions#deadline()} at the latest
     */
    public DeclaredNode node() throws KubeletException {
        String source = options.url().toString();
        PodList list = pods.read(connection.get("/pods"), source + "/pods");
        List<String> warnings = new ArrayList<>(list.warnings());
        if (options.insecureSkipVerify()) {
            warnings.add("the certificate of " + source
                    + " was not verified (--kubelet-insecure-skip-verify): whoever answers there can make up pods");
        }
        return new DeclaredNode(source, list.nodeName(), list.pods(), configuration(source + "/configz"), warnings);
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
    }
}
