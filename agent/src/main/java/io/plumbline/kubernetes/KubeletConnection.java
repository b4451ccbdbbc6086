package io.plumbline.kubernetes;

import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * GET requests to one kubelet, or to the API server beside it, each with a limit on its size and on the time it takes as a whole.
 *
 * <p>fabric8's HTTP client without its configuration: a kubeconfig lying around is never looked at, proxies and redirects are off,
 * and nothing is tried twice, because the next scan asks again.
 */
final class KubeletConnection implements AutoCloseable {

    private static final int MAX_TOKEN = 64 << 10;
    /** Enough of an error's body for a message. */
    private static final int SAID = 1024;

    private final Peer peer;
    private final KubeletOptions options;
    private final Optional<Path> kubeconfig;
    private final int limit;
    private @Nullable KubeletTls tls;
    private @Nullable HttpClient client;

    private KubeletConnection(Peer peer, KubeletOptions options, Optional<Path> kubeconfig, int limit) {
        this.peer = peer;
        this.options = options;
        this.kubeconfig = kubeconfig;
        this.limit = limit;
    }

    /** Who answers, as messages call them. */
    enum Peer {
        KUBELET("kubelet"),
        API_SERVER("API server");

        private final String word;

        Peer(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /**
     * Connects when the first question is asked.
     *
     * @param limit of an answer, in bytes
     */
    static KubeletConnection toKubelet(KubeletOptions options, int limit) {
        return new KubeletConnection(Peer.KUBELET, options, Optional.empty(), limit);
    }

    /**
     * The same to the cluster's API server.
     *
     * @param kubeconfig which says whom to trust and who we are in the place of the options
     */
    static KubeletConnection toApiServer(KubeletOptions options, Optional<Path> kubeconfig, int limit) {
        return new KubeletConnection(Peer.API_SERVER, options, kubeconfig, limit);
    }

    /** The body of a 200. */
    InputStream get(String path) throws KubeletException {
        String source = options.url() + path;
        HttpClient http = client();
        HttpRequest.Builder request = http.newHttpRequestBuilder()
                .uri(source)
                .timeout(options.deadline().toMillis(), TimeUnit.MILLISECONDS)
                .setHeader("Accept", "application/json")
                .setHeader("User-Agent", "plumbline");
        if (options.tokenFile().isPresent()) {
            request.setHeader(
                    "Authorization", "Bearer " + token(options.tokenFile().get()));
        }
        Exchange exchange = new Exchange(http, request.build(), limit);
        try {
            int status = exchange.await(options.deadline());
            if (status != 200) {
                byte[] said = exchange.body().readNBytes(SAID);
                String problem = Refusal.problem(status, path, options, said, exchange.location());
                throw switch (status) {
                    case 403 -> new ForbiddenException(source, problem);
                    case 404 -> new RefusedException(source, problem);
                    default -> new KubeletException(source, problem);
                };
            }
            return exchange.body();
        } catch (ExecutionException | TimeoutException | IOException e) {
            throw new KubeletException(source, ConnectionTrouble.problem(e, exchange, options, peer), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubeletException(source, "interrupted while waiting for the answer", e);
        }
    }

    /** The same client as long as the files are the same: a handshake costs more than an answer. */
    private HttpClient client() throws KubeletException {
        if (kubeconfig.isPresent()) {
            return client == null ? named(kubeconfig.get()) : client;
        }
        KubeletTls now = KubeletTls.read(options);
        if (client != null && now.equals(tls)) {
            return client;
        }
        close();
        HttpClient.Builder builder = new JdkHttpClientFactory().newBuilder();
        builder.tag(new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build());
        builder.connectTimeout(options.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .preferHttp11()
                .sslContext(now.keyManagers(), now.trustManagers());
        HttpClient made = builder.build();
        tls = now;
        client = made;
        return made;
    }

    /** With the token, certificate or program that the kubeconfig names, which the library renews. */
    private HttpClient named(Path file) throws KubeletException {
        HttpClient made = Kubeconfig.client(Kubeconfig.read(file, options.connectTimeout()))
                .getHttpClient();
        client = made;
        return made;
    }

    private static String token(Path file) throws KubeletException {
        String token =
                new String(PemFile.bytes(file, "the bearer token", MAX_TOKEN), StandardCharsets.ISO_8859_1).strip();
        if (token.isEmpty()) {
            throw new KubeletException(file.toString(), "empty; expected a bearer token");
        }
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new KubeletException(
                    file.toString(), "no bearer token: it holds blanks or characters that no token has");
        }
        return token;
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
        client = null;
        tls = null;
    }
}
