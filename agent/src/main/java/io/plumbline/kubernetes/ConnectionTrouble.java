package io.plumbline.kubernetes;

import io.plumbline.kubernetes.KubeletConnection.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** What kept an answer from coming, in words for whoever runs the agent. */
final class ConnectionTrouble {

    private ConnectionTrouble() {}

    /** The problem, for a {@link KubeletException}. */
    static String problem(Throwable failure, Exchange exchange, KubeletOptions options, Peer peer) {
        return find(failure, KubeletTrust.UntrustedException.class)
                .map(Throwable::getMessage)
                .or(() -> find(failure, Exchange.TooLargeException.class)
                        .map(e -> "the answer is larger than accepted (" + e.getMessage() + "); does the " + peer.word()
                                + " answer there?"))
                .or(() -> find(failure, HttpConnectTimeoutException.class)
                        .map(e -> "no connection within "
                                + seconds(options.connectTimeout())
                                + "; is the address right, and does a firewall or network policy let us through?"))
                .or(() -> timeout(failure, exchange, options, peer))
                .or(() -> unreachable(failure, options, peer))
                .or(() -> find(failure, SSLException.class).map(e -> tls(e, peer)))
                .or(() -> find(failure, ProtocolException.class).map(e -> "the answer is not HTTP: " + message(e)))
                .orElseGet(() -> exchange.isAnswered()
                        ? "the answer was cut off in the middle, after " + exchange.size() + " bytes of its body: "
                                + message(root(failure))
                        : "the connection broke before an answer: " + message(root(failure)));
    }

    private static Optional<String> timeout(Throwable failure, Exchange exchange, KubeletOptions options, Peer peer) {
        if (find(failure, TimeoutException.class).isEmpty()
                && find(failure, HttpTimeoutException.class).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of("no whole answer within " + seconds(options.deadline()) + ": "
                + (exchange.isAnswered() ? exchange.size() + " bytes of its body came" : "nothing came")
                + "; the " + peer.word() + " is slow or hangs");
    }

    private static Optional<String> unreachable(Throwable failure, KubeletOptions options, Peer peer) {
        if (find(failure, UnresolvedAddressException.class).isPresent()
                || find(failure, UnknownHostException.class).isPresent()) {
            return Optional.of(
                    "unknown host " + Excerpt.of(String.valueOf(options.url().getHost()))
                            + "; is the name right? The node's address works as well");
        }
        return find(failure, ConnectException.class).map(e -> refused(options, peer));
    }

    /** Java's HTTP client loses the errno when a connection fails at once; a plain socket tells it. */
    private static String refused(KubeletOptions options, Peer peer) {
        URI url = options.url();
        try (Socket probe = new Socket()) {
            InetAddress host = InetAddress.getByName(url.getHost());
            probe.connect(new InetSocketAddress(host, url.getPort()), (int)
                    options.connectTimeout().toMillis());
            return "no connection a moment ago, but now there would be one; try again";
        } catch (IOException e) {
            String said = String.valueOf(e.getMessage());
            return said.contains("refused")
                    ? "connection refused: no " + peer.word() + " listens there; is it running, on port "
                            + url.getPort() + "?"
                    : "no connection: " + Excerpt.of(said) + "; is the address right?";
        }
    }

    private static String tls(SSLException e, Peer peer) {
        String said = String.valueOf(e.getMessage());
        if (said.toLowerCase(Locale.ROOT).contains("unrecognized ssl message")) {
            return "it answers without TLS: not the "
                    + (peer == Peer.KUBELET
                            ? "kubelet's authenticated port, " + KubeletOptions.PORT
                            : "API server's port");
        }
        // Later releases of Java 17 name the alert too where it is we who refuse.
        boolean refused = said.contains("Received fatal alert: ");
        if (refused
                && (said.contains("bad_certificate") || said.contains("certificate_") || said.contains("unknown_ca"))) {
            return "the " + peer.word() + " refuses our client certificate during the TLS handshake: "
                    + Excerpt.of(said);
        }
        return "no TLS connection: " + Excerpt.of(said);
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    private static String message(Throwable e) {
        return Excerpt.of(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < 20 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        return root;
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        Throwable at = failure;
        for (int depth = 0; depth < 20 && at != null; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }
}
