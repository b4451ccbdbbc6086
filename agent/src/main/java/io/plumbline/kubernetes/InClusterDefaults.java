package io.plumbline.kubernetes;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a pod knows without being told: its node's kubelet, its service account's token, and whom to trust. */
public final class InClusterDefaults {

    static final String SERVICE_ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount";

    /** Filled in by the DaemonSet from status.hostIP and spec.nodeName; the short names are what others' manifests use. */
    private static final List<String> NODE_VARIABLES =
            List.of("PLUMBLINE_NODE_IP", "NODE_IP", "HOST_IP", "PLUMBLINE_NODE_NAME", "NODE_NAME");

    /** The kubelet's serving certificate: signed by itself, or obtained from the cluster. */
    private static final List<String> SERVING_CERTIFICATES =
            List.of("var/lib/kubelet/pki/kubelet.crt", "var/lib/kubelet/pki/kubelet-server-current.pem");

    private InClusterDefaults() {}

    /**
     * The options for the kubelet of the node that this pod is on; empty outside of a cluster.
     *
     * @param environment the process's environment
     * @param root this process's own root directory, {@code /} except in a test
     * @param hostRoot where the node's root directory is mounted, for the kubelet's certificate
     * @throws KubeletException if this is a pod and nothing says on which node
     */
    public static Optional<KubeletOptions> find(Map<String, String> environment, Path root, Path hostRoot)
            throws KubeletException {
        if (!environment.containsKey("KUBERNETES_SERVICE_HOST")) {
            return Optional.empty();
        }
        String node = NODE_VARIABLES.stream()
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElseThrow(
                        () -> new KubeletException(
                                "the environment",
                                "this is a pod, but NODE_IP is not set: set it from the field status.hostIP, or give --kubelet-url"));
        URI url;
        try {
            url = KubeletOptions.url("https://" + (node.contains(":") ? "[" + node + "]" : node));
        } catch (IllegalArgumentException e) {
            throw new KubeletException("the environment", String.valueOf(e.getMessage()), e);
        }
        KubeletOptions plain = KubeletOptions.to(url);
        return Optional.of(new KubeletOptions(
                url,
                existing(root.resolve(SERVICE_ACCOUNT).resolve("ca.crt")),
                servingCertificates(hostRoot),
                Optional.empty(),
                Optional.empty(),
                existing(root.resolve(SERVICE_ACCOUNT).resolve("token")),
                false,
                plain.connectTimeout(),
                plain.deadline()));
    }

    /**
     * The files in which a node keeps the certificate that its kubelet serves with, as far as they can be read: who can read them
     * there needs no authority to know the kubelet.
     *
     * @param hostRoot where the node's root directory is
     */
    public static List<Path> servingCertificates(Path hostRoot) {
        return SERVING_CERTIFICATES.stream()
                .flatMap(name -> onHost(hostRoot, name).stream())
                .toList();
    }

    private static Optional<Path> existing(Path file) {
        return Stream.of(file).filter(Files::exists).findFirst();
    }

    /** The current certificate is an absolute link, which has to be followed on the node's side. */
    private static Optional<Path> onHost(Path hostRoot, String name) {
        Path file = hostRoot.resolve(name);
        try {
            if (Files.isSymbolicLink(file)) {
                Path target = Files.readSymbolicLink(file);
                file = target.isAbsolute()
                        ? hostRoot.resolve(target.toString().substring(1))
                        : file.resolveSibling(target);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(file).filter(Files::isReadable);
    }
}
