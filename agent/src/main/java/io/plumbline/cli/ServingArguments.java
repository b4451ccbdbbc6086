package io.plumbline.cli;

import io.plumbline.http.Access;
import io.plumbline.http.Guard;
import io.plumbline.http.ListenAddress;
import io.plumbline.http.Tls;
import io.plumbline.kubernetes.AccessReviews;
import io.plumbline.kubernetes.ApiServerClient;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.model.Caller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Who is let in where others than this machine can connect. */
final class ServingArguments {

    @Option(
            names = "--tls-cert-file",
            paramLabel = "FILE",
            description =
                    "Serving certificate (PEM, with its chain); read again when it changes. If TLS is needed and there is"
                            + " none, one is made at start.")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-private-key-file",
            paramLabel = "FILE",
            description = "Private key (PEM) of the serving certificate.")
    private @Nullable Path key;

    /** @throws UsageException if one is there without the other */
    void check() {
        if ((certificate == null) != (key == null)) {
            throw new UsageException("--tls-cert-file and --tls-private-key-file belong together; give both");
        }
    }

    /**
     * What guards this address; empty where only this machine can connect, and TLS was not asked for.
     *
     * @param kubeconfig which says how to reach the API server, where one was named
     * @param found the API server, {@link #apiServer}
     */
    Optional<Guard> guard(
            ListenAddress address,
            Optional<Path> kubeconfig,
            Optional<ApiServerClient> found,
            Map<String, String> environment) {
        if (address.isLoopback() && certificate == null && kubeconfig.isEmpty()) {
            return Optional.empty();
        }
        ApiServerClient server = found.orElseThrow(() -> new UsageException(why(address)));
        if (certificate == null) {
            LoggerFactory.getLogger(ServeCommand.class)
                    .info("serves with a certificate made just now, which nobody can verify; --tls-cert-file names a"
                            + " better one");
        }
        Tls tls = certificate == null || key == null
                ? Tls.selfMade(List.of("localhost"), addresses(address, environment), InstantSource.system())
                : Tls.files(certificate, key);
        return Optional.of(Guard.of(tls, new ByTheCluster(server.reviews())));
    }

    private static String why(ListenAddress address) {
        String remedy = "; run in a pod, give --kubeconfig FILE, or listen on 127.0.0.1 without TLS";
        return address.isLoopback()
                ? "--tls-cert-file: TLS goes with tokens here, and there is no API server to say who may see what"
                        + remedy
                : "--listen: others than this machine can connect to " + address
                        + ", and there is no API server to say who may see what" + remedy;
    }

    /** How to reach the API server; empty outside of a cluster and without a kubeconfig. */
    static Optional<ApiServerClient> apiServer(Optional<Path> kubeconfig, Map<String, String> environment) {
        if (kubeconfig.isEmpty()) {
            return ApiServerClient.inCluster(environment, Path.of("/"));
        }
        try {
            return Optional.of(ApiServerClient.of(kubeconfig.get()));
        } catch (KubeletException e) {
            throw new UsageException("--kubeconfig: " + e.getMessage());
        }
    }

    /** What callers may have in their URL: the address itself, the pod's, the node's. */
    private static List<InetAddress> addresses(ListenAddress address, Map<String, String> environment) {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(InetAddress.getLoopbackAddress());
        for (String literal : List.of(
                address.host(), environment.getOrDefault("POD_IP", ""), environment.getOrDefault("NODE_IP", ""))) {
            try {
                if (literal.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
                    addresses.add(InetAddress.getByName(literal));
                }
            } catch (UnknownHostException e) {
                throw new UsageException("POD_IP or NODE_IP: '" + literal + "' is no IP address");
            }
        }
        return addresses.stream().distinct().toList();
    }

    private record ByTheCluster(AccessReviews reviews) implements Access {
        @Override
        public Optional<Caller> whose(String token) throws IOException {
            return reviews.whose(token);
        }

        @Override
        public boolean mayGet(Caller caller, String path) throws IOException {
            return reviews.mayGet(caller, path);
        }

        @Override
        public boolean mayGetPods(Caller caller, String namespace) throws IOException {
            return reviews.mayGetPods(caller, namespace);
        }
    }
}
