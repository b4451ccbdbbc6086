package io.plumbline.kubernetes;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What the files of {@link KubeletOptions} hold at one moment. Equal where nothing has changed since, so that a connection can be
 * used again.
 *
 * @param authorities certificates of the CA file; empty where the JVM's own count
 * @param pinned certificates of the pinned files
 * @param identity our client certificate, its chain, and the key
 */
record KubeletTls(
        String address,
        Optional<Path> authoritiesFile,
        List<X509Certificate> authorities,
        List<X509Certificate> pinned,
        Optional<Identity> identity,
        boolean skipVerify) {

    /** A client certificate with its chain, and the key that belongs to it. */
    record Identity(List<X509Certificate> chain, PrivateKey key) {}

    static KubeletTls read(KubeletOptions options) throws KubeletException {
        List<X509Certificate> authorities = new ArrayList<>();
        if (options.certificateAuthority().isPresent()) {
            authorities.addAll(PemFile.read(options.certificateAuthority().get(), "the CA of the kubelet's certificate")
                    .certificates());
        }
        List<X509Certificate> pinned = new ArrayList<>();
        for (Path file : options.pinnedCertificates()) {
            pinned.addAll(PemFile.read(file, "the kubelet's own certificate").certificates());
        }
        return new KubeletTls(
                options.url().toString(),
                options.certificateAuthority(),
                authorities,
                pinned,
                identity(options),
                options.insecureSkipVerify());
    }

    private static Optional<Identity> identity(KubeletOptions options) throws KubeletException {
        if (options.clientCertificate().isEmpty()) {
            return Optional.empty();
        }
        Path file = options.clientCertificate().get();
        Path keyFile = options.clientKey().orElse(file);
        List<X509Certificate> chain =
                PemFile.read(file, "our client certificate").certificates();
        PrivateKey key = PemFile.read(keyFile, "our client certificate's key").privateKey();
        if (!belongTogether(chain.get(0), key)) {
            throw new KubeletException(
                    keyFile.toString(),
                    "this key does not belong to the certificate in " + file + "; give its own key");
        }
        return Optional.of(new Identity(chain, key));
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(certificate.getEncoded());
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(certificate.getEncoded());
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    TrustManager[] trustManagers() throws KubeletException {
        // A kubelet's own file holds leaf and issuer: who gives it as CA means this very certificate.
        List<X509Certificate> known = new ArrayList<>(pinned);
        known.addAll(authorities);
        String name = authoritiesFile.map(Path::toString).orElse("the Java runtime's list of CAs");
        return new TrustManager[] {new KubeletTrust(known, judge(), name, skipVerify)};
    }

    private X509ExtendedTrustManager judge() throws KubeletException {
        try {
            return authorities.isEmpty() ? ServerTrust.byRuntime() : ServerTrust.by(authorities);
        } catch (GeneralSecurityException | IOException e) {
            throw new KubeletException(
                    authoritiesFile.map(Path::toString).orElse(address),
                    "the CA cannot be used: " + Excerpt.of(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /** Null where we have no client certificate. */
    KeyManager @Nullable [] keyManagers() throws KubeletException {
        if (identity.isEmpty()) {
            return null;
        }
        try {
            KeyStore store = ServerTrust.emptyStore();
            store.setKeyEntry(
                    "client",
                    identity.get().key(),
                    new char[0],
                    identity.get().chain().toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new KubeletException(
                    address, "our client certificate cannot be used: " + Excerpt.of(String.valueOf(e.getMessage())), e);
        }
    }
}
