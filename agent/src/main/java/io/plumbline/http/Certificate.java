package io.plumbline.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificate that is shown now. A new one that is no good changes nothing, and is said once. */
final class Certificate {

    private static final Logger LOG = LoggerFactory.getLogger(Certificate.class);

    private final Tls source;
    private final Vertx vertx;
    private final InstantSource clock;
    private volatile Tls.Pair tried;
    private String said = "";

    /** @throws IOException if there is none to begin with, or none that anybody could connect by */
    Certificate(Tls source, Vertx vertx, InstantSource clock) throws IOException {
        this.source = source;
        this.vertx = vertx;
        this.clock = clock;
        this.tried = source.pair();
        leaf(tried);
    }

    void into(HttpServerOptions options) {
        options.setSsl(true).setUseAlpn(false).setKeyCertOptions(tried.options());
    }

    /**
     * Looks again and again; connections that stand go on with what they were shown.
     *
     * @return the timer, to be cancelled before the server closes: there is nobody to look then
     */
    long keepUpToDate(HttpServer server, Duration every) {
        return vertx.setPeriodic(
                every.toMillis(),
                tick -> vertx.executeBlocking(this::next, false)
                        .onSuccess(pair -> show(pair, server))
                        .onFailure(failure -> say(String.valueOf(failure.getMessage()))));
    }

    /** The pair that holds now, where it is another one that can be shown in the place of the old. */
    private Tls.Pair next() throws IOException {
        Tls.Pair pair = source.pair();
        if (!pair.equals(tried)) {
            X509Certificate leaf = leaf(pair);
            Instant now = clock.instant();
            Instant from = leaf.getNotBefore().toInstant();
            Instant until = leaf.getNotAfter().toInstant();
            if (now.isAfter(until)) {
                throw new IOException("it expired at " + until);
            }
            if (now.isBefore(from)) {
                throw new IOException("it is not valid before " + from);
            }
        }
        return pair;
    }

    /**
     * The server's own certificate. The library takes any certificate with any key, and each handshake would fail: two files are not renewed
     * at one moment.
     *
     * @throws IOException if the key is not that of the certificate, or either cannot be decoded
     */
    private X509Certificate leaf(Tls.Pair pair) throws IOException {
        try {
            for (KeyManager known : pair.options().getKeyManagerFactory(vertx).getKeyManagers()) {
                if (known instanceof X509KeyManager keys) {
                    for (String kind : List.of("RSA", "EC", "EdDSA")) {
                        String[] names = keys.getServerAliases(kind, null);
                        if (names != null && names.length > 0) {
                            X509Certificate leaf = keys.getCertificateChain(names[0])[0];
                            checkThatBelongTogether(leaf, keys.getPrivateKey(names[0]));
                            return leaf;
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the certificate or its key is damaged: " + e.getMessage(), e);
        }
        throw new IOException("the private key is of an unknown kind; expected RSA, EC or Ed25519");
    }

    /** What the key signs, the certificate verifies. */
    private static void checkThatBelongTogether(X509Certificate certificate, PrivateKey key) throws IOException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        boolean together;
        try {
            byte[] text = certificate.getEncoded();
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            together = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            together = false;
        }
        if (!together) {
            throw new IOException("the private key does not belong to the certificate");
        }
    }

    private void show(Tls.Pair pair, HttpServer server) {
        if (pair.equals(tried)) {
            said = "";
            return;
        }
        tried = pair;
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pair.options()))
                .onSuccess(done -> {
                    said = "";
                    LOG.info("serving a new certificate");
                })
                .onFailure(failure -> say(String.valueOf(failure.getMessage())));
    }

    private void say(String trouble) {
        if (!trouble.equals(said)) {
            said = trouble;
            LOG.warn("the new certificate cannot be used, the old one stays: {}", trouble);
        }
    }
}
