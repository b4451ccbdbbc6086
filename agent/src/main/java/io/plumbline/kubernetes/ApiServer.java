package io.plumbline.kubernetes;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whom to ask for what the kubelet does not know, the namespaces' labels for one; and for the node's pods where the kubelet will not say: a
 * kubelet of 1.32 or before gives its list only to who may run commands in every container ({@code nodes/proxy}), which is too much to ask
 * for.
 *
 * @param options address, authority and token, in the form in which a kubelet's are given
 * @param node the node's name, as in {@code spec.nodeName}, where something tells it
 * @param kubeconfig what says who we are, in the place of the options' authority and token
 */
public record ApiServer(KubeletOptions options, Optional<String> node, Optional<Path> kubeconfig) {

    /** Paths of the API server, which no kubelet has. */
    static final String PREFIX = "/api/";

    /** The same of the APIs that came later. */
    static final String GROUPS = "/apis/";

    private static final List<String> NAME_VARIABLES = List.of("PLUMBLINE_NODE_NAME", "NODE_NAME");

    /**
     * The API server of the cluster that this pod is in; empty outside of a cluster, and where nothing tells the node's name.
     *
     * @param environment the process's environment
     * @param root this process's own root directory, {@code /} except in a test
     */
    public static Optional<ApiServer> find(Map<String, String> environment, Path root) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        Optional<String> node = nodeName(environment);
        if (host.isBlank() || node.isEmpty()) {
            return Optional.empty();
        }
        String port = environment.getOrDefault(
                "KUBERNETES_SERVICE_PORT_HTTPS", environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443"));
        KubeletOptions plain;
        try {
            plain = KubeletOptions.to(
                    new URI("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        Path account = root.resolve(InClusterDefaults.SERVICE_ACCOUNT);
        return Optional.of(new ApiServer(
                new KubeletOptions(
                        plain.url(),
                        Optional.of(account.resolve("ca.crt")).filter(Files::exists),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(account.resolve("token")).filter(Files::exists),
                        false,
                        plain.connectTimeout(),
                        plain.deadline()),
                node,
                Optional.empty()));
    }

    /**
     * The API server of a kubeconfig's current context. Nothing is asked yet.
     *
     * @param environment the process's environment: it may tell the node's name
     * @throws KubeletException if the file cannot be read or is no kubeconfig
     */
    public static ApiServer named(Path kubeconfig, Map<String, String> environment) throws KubeletException {
        String url = Kubeconfig.read(kubeconfig, KubeletOptions.DEFAULT_CONNECT_TIMEOUT)
                .getMasterUrl();
        try {
            return new ApiServer(
                    KubeletOptions.to(new URI(url.endsWith("/") ? url.substring(0, url.length() - 1) : url)),
                    nodeName(environment),
                    Optional.of(kubeconfig));
        } catch (URISyntaxException e) {
            throw new KubeletException(kubeconfig.toString(), "its server '" + Excerpt.of(url) + "' is no URL", e);
        }
    }

    private static Optional<String> nodeName(Map<String, String> environment) {
        return NAME_VARIABLES.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
    }

    /** @param limit of an answer, in bytes */
    KubeletConnection connection(int limit) {
        return KubeletConnection.toApiServer(options, kubeconfig, limit);
    }

    /** The question, below the server's address. */
    static String podsOf(String node) {
        return PREFIX + "v1/pods?fieldSelector=spec.nodeName%3D" + URLEncoder.encode(node, StandardCharsets.UTF_8);
    }
}
