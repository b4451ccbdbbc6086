package io.plumbline.kubernetes;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach a kubelet, by what to know that it is the right one, and as whom to ask. Files are read again for each question,
 * because all of them rotate.
 *
 * @param url {@code https://HOST:PORT}; a path in it stands before the kubelet's own
 * @param certificateAuthority PEM file with the certificates that the kubelet's may be signed by, or with the kubelet's own; the
 *     JVM's own where there is none
 * @param pinnedCertificates PEM files of which one holds the kubelet's very certificate, as the node has it on its disk: then its
 *     issuer and its host names do not matter
 * @param clientCertificate PEM file, our certificate first
 * @param clientKey PEM file, PKCS#8, PKCS#1 or SEC1, not encrypted; where it is left out the key is in the certificate's file
 * @param tokenFile the service account's token or another bearer token
 * @param insecureSkipVerify take any certificate; the answer will carry a warning
 * @param connectTimeout for the connection alone, with its TLS handshake
 * @param deadline for one answer as a whole
 */
public record KubeletOptions(
        URI url,
        Optional<Path> certificateAuthority,
        List<Path> pinnedCertificates,
        Optional<Path> clientCertificate,
        Optional<Path> clientKey,
        Optional<Path> tokenFile,
        boolean insecureSkipVerify,
        Duration connectTimeout,
        Duration deadline) {

    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(15);

    /** The port that a kubelet serves with authentication. */
    static final int PORT = 10250;

    public KubeletOptions {
        pinnedCertificates = List.copyOf(pinnedCertificates);
        if (clientKey.isPresent() && clientCertificate.isEmpty()) {
            throw new IllegalArgumentException("a client key without a client certificate");
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero() || deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("timeouts must be positive: " + connectTimeout + ", " + deadline);
        }
    }

    /** Only an address, with the default timeouts: no credentials, the JVM's own trust. */
    public static KubeletOptions to(URI url) {
        return new KubeletOptions(
                url,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_DEADLINE);
    }

    /**
     * The address as a user writes it, completed with the kubelet's port.
     *
     * @throws IllegalArgumentException if it is no address of a kubelet, with one line for the user
     */
    public static URI url(String text) {
        URI url;
        try {
            url = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(wanted(text), e);
        }
        if ("http".equals(url.getScheme())) {
            throw new IllegalArgumentException(
                    Excerpt.of(text) + " is not https: anyone on the way could read the token and make up pods");
        }
        if (!"https".equals(url.getScheme())
                || url.getHost() == null
                || url.getUserInfo() != null
                || url.getQuery() != null
                || url.getFragment() != null) {
            throw new IllegalArgumentException(wanted(text));
        }
        String path = url.getPath();
        try {
            return new URI(
                    "https",
                    null,
                    url.getHost(),
                    url.getPort() < 0 ? PORT : url.getPort(),
                    path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
                    null,
                    null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(wanted(text), e);
        }
    }

    private static String wanted(String text) {
        return Excerpt.of(text) + " is no address of a kubelet; expected https://HOST:" + PORT;
    }
}
