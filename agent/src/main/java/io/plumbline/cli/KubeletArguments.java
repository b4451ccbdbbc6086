package io.plumbline.cli;

import io.plumbline.kubernetes.ApiServer;
import io.plumbline.kubernetes.InClusterDefaults;
import io.plumbline.kubernetes.KubeletClient;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.KubeletOptions;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.DeclaredNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the declared side comes from: a kubelet, a file, or nowhere. */
final class KubeletArguments {

    @Option(
            names = "--kubelet-url",
            paramLabel = "https://HOST:10250",
            description = "The kubelet to ask (in a pod, by default that of the pod's node).")
    private @Nullable String url;

    @Option(
            names = "--kubelet-ca",
            paramLabel = "FILE",
            description =
                    "CA certificates (PEM) to verify the kubelet with. On the node itself, the kubelet's own is found.")
    private @Nullable Path authority;

    @Option(
            names = "--kubelet-client-cert",
            paramLabel = "FILE",
            description = "Client certificate (PEM) to show to the kubelet.")
    private @Nullable Path clientCertificate;

    @Option(
            names = "--kubelet-client-key",
            paramLabel = "FILE",
            description = "Private key (PEM) of the client certificate.")
    private @Nullable Path clientKey;

    @Option(
            names = "--kubelet-token-file",
            paramLabel = "FILE",
            description = "Bearer token to show to the kubelet, for example a service account's.")
    private @Nullable Path token;

    @Option(
            names = "--kubelet-insecure-skip-verify",
            description = "Do not verify the kubelet's certificate. Every report says so.")
    private boolean skipVerify;

    @Option(
            names = "--pods",
            paramLabel = "FILE",
            description = "Read pods from a saved answer of the kubelet's /pods instead of asking a kubelet.")
    private @Nullable Path pods;

    @Option(names = "--no-kubelet", description = "Ask no kubelet: what is declared comes from OCI bundles only.")
    private boolean none;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "How to reach the API server, for what the kubelet does not know: labels of namespaces, network"
                            + " policies and, with serve, who may see what. In a pod it is found; elsewhere a kubeconfig that"
                            + " is not named here is never used.")
    private @Nullable Path kubeconfig;

    /** The kubeconfig that was named. */
    Optional<Path> kubeconfig() {
        return Optional.ofNullable(kubeconfig);
    }

    /**
     * The kubelet's answer; empty where none is to be asked.
     *
     * @param hostRoot where the node's root is
     */
    Optional<DeclaredNode> ask(Map<String, String> environment, Path hostRoot, Progress progress) {
        check(environment);
        if (kubeconfig != null && (none || pods != null)) {
            throw new UsageException("--kubeconfig: the API server is asked beside a kubelet, which "
                    + (none ? "--no-kubelet" : "--pods") + " excludes; leave one out");
        }
        if (none) {
            return Optional.empty();
        }
        try {
            if (pods != null) {
                progress.now("reading " + pods);
                return Optional.of(new PodsFile(pods).read());
            }
            Optional<KubeletOptions> options = options(environment, hostRoot);
            if (options.isEmpty()) {
                if (kubeconfig != null) {
                    throw new UsageException(
                            "--kubeconfig: the API server is asked beside a kubelet; name that one with --kubelet-url");
                }
                return Optional.empty();
            }
            progress.now("asking " + options.get().url());
            try (KubeletClient kubelet = new KubeletClient(options.get(), apiServer(environment))) {
                return Optional.of(kubelet.node());
            }
        } catch (KubeletException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Whom to ask again and again; empty where nobody is to be asked. Nobody is asked yet.
     *
     * @param hostRoot where the node's root is
     */
    Optional<KubeletSource> source(Map<String, String> environment, Path hostRoot) {
        check(environment);
        if (none) {
            return Optional.empty();
        }
        if (pods != null) {
            return Optional.of(KubeletSource.file(pods));
        }
        try {
            if (options(environment, hostRoot).isEmpty()) {
                return Optional.empty();
            }
        } catch (KubeletException e) {
            // Somebody is to be asked, and cannot be just now: that may pass.
        }
        return Optional.of(KubeletSource.kubelet(() -> options(environment, hostRoot), apiServer(environment)));
    }

    /** Without being told to only in a pod, where the kubelet was found: whoever names a kubelet wants its answer. */
    private Optional<ApiServer> apiServer(Map<String, String> environment) {
        if (kubeconfig != null) {
            try {
                return Optional.of(ApiServer.named(kubeconfig, environment));
            } catch (KubeletException e) {
                throw new UsageException("--kubeconfig: " + e.getMessage());
            }
        }
        return url == null ? ApiServer.find(environment, Path.of("/")) : Optional.empty();
    }

    /** @throws UsageException if the options contradict each other, or one of them is none */
    void check(Map<String, String> environment) {
        boolean kubelet = url != null
                || authority != null
                || clientCertificate != null
                || clientKey != null
                || token != null
                || skipVerify;
        Complaints complaints = new Complaints();
        if (none && (pods != null || kubelet)) {
            complaints.that("--no-kubelet excludes --pods and the other --kubelet options; leave one out");
        }
        if (pods != null && kubelet) {
            complaints.that("--pods is read instead of asking a kubelet; leave out the --kubelet options");
        }
        if (kubelet && url == null && !environment.containsKey("KUBERNETES_SERVICE_HOST")) {
            complaints.that("--kubelet-url is missing: the other --kubelet options say how to ask, it says whom");
        }
        if (clientKey != null && clientCertificate == null) {
            complaints.that("--kubelet-client-key without --kubelet-client-cert; give both");
        }
        String address = url;
        if (address != null) {
            complaints.in(() -> address(address));
        }
        complaints.refuse();
    }

    private static URI address(String url) {
        try {
            return KubeletOptions.url(url);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--kubelet-url: " + e.getMessage());
        }
    }

    private Optional<KubeletOptions> options(Map<String, String> environment, Path hostRoot) throws KubeletException {
        Optional<KubeletOptions> found = url == null
                ? InClusterDefaults.find(environment, Path.of("/"), hostRoot)
                : Optional.of(named(url, hostRoot));
        return found.map(base -> new KubeletOptions(
                base.url(),
                Optional.ofNullable(authority).or(base::certificateAuthority),
                authority == null ? base.pinnedCertificates() : List.of(),
                Optional.ofNullable(clientCertificate).or(base::clientCertificate),
                Optional.ofNullable(clientKey).or(base::clientKey),
                Optional.ofNullable(token).or(base::tokenFile),
                skipVerify,
                base.connectTimeout(),
                base.deadline()));
    }

    private static KubeletOptions named(String url, Path hostRoot) {
        KubeletOptions plain = KubeletOptions.to(address(url));
        return new KubeletOptions(
                plain.url(),
                Optional.empty(),
                InClusterDefaults.servingCertificates(hostRoot),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                plain.connectTimeout(),
                plain.deadline());
    }
}
