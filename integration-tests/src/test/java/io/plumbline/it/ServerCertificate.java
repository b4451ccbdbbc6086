package io.plumbline.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for this machine's loopback, signed by itself, as files that servers and their callers take.
 *
 * @param certificate PEM; whoever trusts it trusts the server
 * @param key PEM, PKCS #8
 * @param context of a server with it, or of a client that trusts it
 */
record ServerCertificate(Path certificate, Path key, SSLContext context) {
    private static final String PASSWORD = "changeit";
    private static final String STORE = "server.p12";

    /** @param more addresses beside 127.0.0.1 */
    static ServerCertificate make(Path directory, String... more) {
        Path store = directory.resolve(STORE);
        Command.succeed(
                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                "server",
                "-dname",
                "CN=plumbline-it",
                "-keyalg",
                "EC",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost"
                        + String.join("", Stream.of(more).map(",ip:"::concat).toList()),
                "-ext",
                "bc:c");
        try {
            KeyStore keys = keys(store);
            Path certificate = pem(
                    directory.resolve("tls.crt"),
                    "CERTIFICATE",
                    keys.getCertificate("server").getEncoded());
            Path key = pem(
                    directory.resolve("tls.key"),
                    "PRIVATE KEY",
                    keys.getKey("server", PASSWORD.toCharArray()).getEncoded());
            return new ServerCertificate(certificate, key, context(keys));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has these", e);
        }
    }

    /** The context of a server with the certificate that was made in a directory. */
    static SSLContext madeIn(Path directory) {
        try {
            return context(keys(directory.resolve(STORE)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has these", e);
        }
    }

    private static KeyStore keys(Path store) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            return keys;
        }
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted(keys));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore trusted(KeyStore keys) throws GeneralSecurityException {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("server", keys.getCertificate("server"));
            return trusted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path pem(Path file, String type, byte[] der) throws IOException {
        String text = "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
        return Files.writeString(file, text, StandardCharsets.US_ASCII);
    }
}
