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
 * Whom to ask for the node's pods where the kubelet will not say: a kubelet of 1.32 or before gives its list only to who may run commands
 * in every container ({@code nodes/proxy}), which is too much to ask for.
 *
 * @param options address, authority and token, in the form in which a kubelet's are given
 * @param node the node's name, as in {@code spec.nodeName}
 */
public record ApiServer(KubeletOptions options, String node) {

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
        Optional<String> node = NAME_VARIABLES.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst();
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
                node.get()));
    }

    /** The question, below the server's address. */
    String podsOfTheNode() {
        return PREFIX + "v1/pods?fieldSelector=spec.nodeName%3D" + URLEncoder.encode(node, StandardCharsets.UTF_8);
    }
}
