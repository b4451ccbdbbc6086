package io.plumbline.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A small public key infrastructure, made by the JDK's keytool when the first test asks for it. */
public final class TestCertificates {

    private static final String PASSWORD = "changeit";

    /** The cluster's CA and, with it, a good kubelet, one whose time is over, and one that is called otherwise. */
    public static final String CA = "ca";

    public static final String KUBELET = "kubelet";
    static final String EXPIRED = "expired";
    static final String FUTURE = "future";
    static final String OTHER_NAME = "other-name";
    /** Another cluster's CA. */
    public static final String OTHER_CA = "other-ca";
    /** As a kubelet makes them for itself: a CA of its own, and below it leaves for the node's name only. */
    static final String NODE_CA = "node-ca";

    static final String NODE_LEAF = "node-leaf";
    static final String NODE_LEAF_TOO = "node-leaf-too";
    public static final String SELF_SIGNED = "self-signed";
    static final String CLIENT_RSA = "client-rsa";
    static final String CLIENT_EC = "client-ec";

    private static final String ADDRESS = "san=ip:127.0.0.1,dns:localhost";

    private final Path directory;
    private final KeyStore store;

    private TestCertificates(Path directory) throws IOException, GeneralSecurityException {
        this.directory = directory;
        Path file = directory.resolve("keys.p12");
        authority(file, CA);
        authority(file, OTHER_CA);
        authority(file, NODE_CA);
        leaf(file, KUBELET, CA, "EC", ADDRESS);
        leaf(file, EXPIRED, CA, "EC", ADDRESS, "-startdate", "-2d", "-validity", "1");
        leaf(file, FUTURE, CA, "EC", ADDRESS, "-startdate", "+2d");
        leaf(file, OTHER_NAME, CA, "EC", "san=dns:node7.example");
        leaf(file, NODE_LEAF, NODE_CA, "EC", "san=dns:node7");
        leaf(file, NODE_LEAF_TOO, NODE_CA, "EC", "san=dns:node7");
        leaf(file, CLIENT_RSA, CA, "RSA", "ku=digitalSignature");
        leaf(file, CLIENT_EC, CA, "EC", "ku=digitalSignature");
        keytool(file, SELF_SIGNED, "EC", "-ext", ADDRESS);
        this.store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
    }

    private static final class Holder {
        private static final TestCertificates MADE = make();

        private static TestCertificates make() {
            try {
                Files.createDirectories(Path.of("target"));
                return new TestCertificates(Files.createTempDirectory(Path.of("target"), "certificates"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public static TestCertificates made() {
        return Holder.MADE;
    }

    /** A file with certificates in PEM. */
    public Path pem(String... aliases) throws IOException, GeneralSecurityException {
        StringBuilder text = new StringBuilder();
        for (String alias : aliases) {
            text.append(pemOf("CERTIFICATE", certificate(alias).getEncoded()));
        }
        return write(String.join("+", aliases) + ".crt", text.toString());
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(Files.createTempDirectory(directory, "files").resolve(name), text);
    }

    Certificate certificate(String alias) throws GeneralSecurityException {
        return store.getCertificate(alias);
    }

    Key key(String alias) throws GeneralSecurityException {
        return store.getKey(alias, PASSWORD.toCharArray());
    }

    static String pemOf(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    /** For a server with this certificate; it accepts clients of the CA. */
    public SSLContext server(String alias) throws IOException, GeneralSecurityException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(alias, key(alias), PASSWORD.toCharArray(), store.getCertificateChain(alias));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(CA, certificate(CA));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static void authority(Path file, String name) throws IOException {
        keytool(file, name, "EC", "-ext", "bc:c", "-ext", "ku:c=keyCertSign,cRLSign");
    }

    private static void leaf(Path file, String name, String signer, String algorithm, String extension, String... more)
            throws IOException {
        keytool(
                file,
                name,
                algorithm,
                Stream.concat(Stream.of("-signer", signer, "-ext", extension), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static void keytool(Path file, String alias, String algorithm, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-Xshare:auto",
                "-genkeypair",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                algorithm));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
