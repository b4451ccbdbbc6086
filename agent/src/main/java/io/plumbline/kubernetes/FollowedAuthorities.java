package io.plumbline.kubernetes;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the authorities that stand in a file at the moment of a handshake. The kubelet keeps the cluster's there, and replaces them when they
 * are rotated; whoever reads them once is locked out then until he is restarted.
 */
final class FollowedAuthorities extends ServerTrust {

    private final Path file;

    /** @param file PEM; need not be there yet */
    FollowedAuthorities(Path file) {
        this.file = file;
    }

    private X509ExtendedTrustManager now() throws CertificateException {
        try {
            return by(PemFile.read(file, "the cluster's CA").certificates());
        } catch (KubeletException | GeneralSecurityException | IOException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        now().checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        now().checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        now().checkServerTrusted(chain, authType);
    }

    /** A server asks for none of them. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
