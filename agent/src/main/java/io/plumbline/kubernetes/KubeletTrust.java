package io.plumbline.kubernetes;

import java.io.Serial;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides whether a certificate is the kubelet's, and says why not in words for whoever runs the agent.
 *
 * <p>Three ways: it is the very certificate that the node has on its disk; or it is signed by an authority that we were given and
 * bears the name or address that we asked; or the user asked not to look.
 */
final class KubeletTrust extends ServerTrust {

    private final Set<Certificate> pinned;
    private final X509ExtendedTrustManager authorities;
    private final String authoritiesName;
    private final boolean skipVerify;

    /**
     * Makes the judge of one set of files.
     *
     * @param pinned certificates of which one may be the kubelet's own
     * @param authorities judges chain and host name
     * @param authoritiesName where they come from, for messages
     */
    KubeletTrust(
            Collection<X509Certificate> pinned,
            X509ExtendedTrustManager authorities,
            String authoritiesName,
            boolean skipVerify) {
        this.pinned = Set.copyOf(pinned);
        this.authorities = authorities;
        this.authoritiesName = authoritiesName;
        this.skipVerify = skipVerify;
    }

    /** The message is the problem and the way out, for a {@link KubeletException}. */
    static final class UntrustedException extends CertificateException {
        @Serial
        private static final long serialVersionUID = 1;

        UntrustedException(String problem, Throwable cause) {
            super(problem, cause);
        }
    }

    private interface Judge {
        void check() throws CertificateException;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, authType, () -> authorities.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        judge(chain, authType, () -> authorities.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        judge(chain, authType, () -> authorities.checkServerTrusted(chain, authType));
    }

    private void judge(X509Certificate[] chain, String authType, Judge judge) throws CertificateException {
        if (skipVerify || pinned.contains(chain[0])) {
            return;
        }
        try {
            judge.check();
        } catch (CertificateException e) {
            throw new UntrustedException(problem(chain, authType, e), e);
        }
    }

    private String problem(X509Certificate[] chain, String authType, CertificateException e) {
        for (X509Certificate certificate : chain) {
            try {
                certificate.checkValidity();
            } catch (CertificateExpiredException expired) {
                return "the certificate of " + subject(certificate) + " expired on "
                        + certificate.getNotAfter().toInstant() + "; renew it (a kubelet does so when it is restarted)";
            } catch (CertificateNotYetValidException early) {
                return "the certificate of " + subject(certificate) + " is not valid before "
                        + certificate.getNotBefore().toInstant() + "; are the clocks right?";
            }
        }
        if (isSignedByAuthority(chain, authType)) {
            return "its certificate is for " + names(chain[0])
                    + ", not for this address; use one of these names in --kubelet-url, or give the node's own"
                    + " kubelet certificate as --kubelet-ca";
        }
        X509Certificate top = chain[chain.length - 1];
        boolean selfSigned = chain.length == 1 && top.getSubjectX500Principal().equals(top.getIssuerX500Principal());
        String signed = selfSigned ? "is signed by itself" : "is signed by " + issuer(top);
        return "its certificate (" + subject(chain[0]) + ") " + signed + ", and " + authoritiesName
                + " does not vouch for that (" + Excerpt.of(String.valueOf(e.getMessage()))
                + "); give the right CA as --kubelet-ca, or the node's own certificate,"
                + " /var/lib/kubelet/pki/kubelet.crt unless the kubelet's --cert-dir is another";
    }

    private boolean isSignedByAuthority(X509Certificate[] chain, String authType) {
        try {
            authorities.checkServerTrusted(chain, authType);
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private static String subject(X509Certificate certificate) {
        return Excerpt.of(certificate.getSubjectX500Principal().getName());
    }

    private static String issuer(X509Certificate certificate) {
        return Excerpt.of(certificate.getIssuerX500Principal().getName());
    }

    /** The subject alternative names, of which only DNS names and addresses count. */
    private static String names(X509Certificate certificate) {
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives == null || alternatives.isEmpty()) {
                return "no host at all (it has no subject alternative name)";
            }
            return Excerpt.of(alternatives.stream()
                    .filter(name -> name.get(1) instanceof String)
                    .map(name -> (String) name.get(1))
                    .collect(Collectors.joining(", ")));
        } catch (CertificateParsingException e) {
            return "names that cannot be read";
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }
}
