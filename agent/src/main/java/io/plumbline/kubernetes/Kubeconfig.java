package io.plumbline.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.TrustManager;

/** A kubeconfig that somebody named: its current context. One lying around is never looked at. */
final class Kubeconfig {

    private static final int LIMIT = 4 << 20;

    private Kubeconfig() {}

    /**
     * What it says.
     *
     * @param patience with connecting, and with an answer
     * @throws KubeletException if the file cannot be read or is no kubeconfig
     */
    static Config read(Path file, Duration patience) throws KubeletException {
        // For its words on a file that cannot be read.
        byte[] bytes = PemFile.bytes(file, "a kubeconfig", LIMIT);
        try {
            return new ConfigBuilder(Config.fromKubeconfig(file.toFile()))
                    .withRequestTimeout((int) patience.toMillis())
                    .withConnectionTimeout((int) patience.toMillis())
                    .withRequestRetryBackoffLimit(0)
                    // whoever watches says himself when to try again
                    .withWatchReconnectLimit(0)
                    .build();
        } catch (RuntimeException e) {
            throw new KubeletException(file.toString(), "no kubeconfig: " + why(bytes, e), e);
        }
    }

    /** Our own parser says on one line what is wrong with its YAML, and where. */
    private static String why(byte[] bytes, RuntimeException failure) {
        try {
            new YamlDocuments(new String(bytes, StandardCharsets.UTF_8)).next();
        } catch (ManifestException e) {
            return String.valueOf(e.getMessage());
        }
        return Excerpt.of(String.valueOf(failure.getMessage()));
    }

    /** A client of what it says. */
    static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    /** The same, but trusting whom a file names whenever it connects. */
    static KubernetesClient client(Config config, Path authorities) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(
                        builder -> builder.sslContext(null, new TrustManager[] {new FollowedAuthorities(authorities)}))
                .build();
    }
}
