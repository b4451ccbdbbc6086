package io.plumbline.cli;

import io.plumbline.kubernetes.ApiServer;
import io.plumbline.kubernetes.KubeletClient;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.KubeletOptions;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.DeclaredNode;
import io.plumbline.serve.DeclaredSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A kubelet, or a file in its place, to be asked again and again. */
final class KubeletSource implements DeclaredSource, AutoCloseable {

    private final Asking asking;
    private final Optional<ApiServer> apiServer;
    private final boolean isFile;
    private @Nullable KubeletOptions options;
    private @Nullable KubeletClient client;

    private KubeletSource(Asking asking, Optional<ApiServer> apiServer, boolean isFile) {
        this.asking = asking;
        this.apiServer = apiServer;
        this.isFile = isFile;
    }

    static KubeletSource file(Path pods) {
        PodsFile file = new PodsFile(pods);
        return new KubeletSource(kept -> file.read(), Optional.empty(), true);
    }

    /**
     * A kubelet.
     *
     * @param found looked for before each question, because what a kubelet is known by comes and goes with its node
     * @param apiServer asked where the kubelet answers 403
     */
    static KubeletSource kubelet(Finding found, Optional<ApiServer> apiServer) {
        return new KubeletSource(
                kept -> kept.client(found.options()
                                .orElseThrow(() -> new UsageException("no kubelet is to be found any more")))
                        .node(),
                apiServer,
                false);
    }

    @Override
    public DeclaredNode ask() throws IOException {
        try {
            return asking.ask(this);
        } catch (KubeletException | UsageException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public boolean mayKnowLater() {
        return !isFile;
    }

    /** The same as long as it is the same kubelet: a handshake costs more than an answer. */
    private KubeletClient client(KubeletOptions now) {
        KubeletClient current = client;
        if (current != null && now.equals(options)) {
            return current;
        }
        close();
        KubeletClient made = new KubeletClient(now, apiServer);
        options = now;
        client = made;
        return made;
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
            client = null;
        }
    }

    @FunctionalInterface
    private interface Asking {
        DeclaredNode ask(KubeletSource kept) throws KubeletException;
    }

    /** Where the kubelet is. */
    @FunctionalInterface
    interface Finding {
        Optional<KubeletOptions> options() throws KubeletException;
    }
}
