package io.plumbline.kubernetes;

import static io.plumbline.kubernetes.KubeletClientTest.ask;
import static io.plumbline.kubernetes.KubeletClientTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.DeclaredNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is trusted, as whom we come, and what happens where there is no kubelet at all. */
class KubeletTrustTest {

    private static final String NO_PODS = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[]}";
    private static final String CONFIGURATION =
            "{\"kubeletconfig\":{\"seccompDefault\":true,\"cgroupDriver\":\"systemd\"}}";

    private final TestCertificates certificates = TestCertificates.made();

    @TempDir
    private Path directory;

    @Test
    void certificateOfAnotherAuthorityIsRefused() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)) {
            Path other = certificates.pem(TestCertificates.OTHER_CA);
            assertThat(refused(withAuthority(kubelet, other)))
                    .startsWith(kubelet.url() + "/pods: its certificate ('CN=kubelet') is signed by 'CN=ca'")
                    .contains(other + " does not vouch for that")
                    .contains("--kubelet-ca")
                    .contains("/var/lib/kubelet/pki/kubelet.crt");
            assertThat(kubelet.requests()).as("nothing was sent").isEmpty();
        }
    }

    @Test
    void certificateThatSignedItselfIsRefused() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.SELF_SIGNED)) {
            assertThat(refused(withAuthority(kubelet, certificates.pem(TestCertificates.CA))))
                    .contains("its certificate ('CN=self-signed') is signed by itself");
        }
    }

    @Test
    void withoutAnAuthorityTheRuntimesOwnCount() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)) {
            assertThat(refused(patient(kubelet.url())))
                    .contains("the Java runtime's list of CAs does not vouch for that");
        }
    }

    @Test
    void expiredCertificateIsRefusedWithItsDate() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.EXPIRED)) {
            assertThat(refused(withAuthority(kubelet, certificates.pem(TestCertificates.CA))))
                    .containsPattern("the certificate of 'CN=expired' expired on 20[0-9]{2}-[0-9]{2}-[0-9]{2}T");
        }
    }

    @Test
    void certificateOfTheFutureIsRefusedWithItsDate() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.FUTURE)) {
            assertThat(refused(withAuthority(kubelet, certificates.pem(TestCertificates.CA))))
                    .containsPattern("the certificate of 'CN=future' is not valid before 20")
                    .contains("are the clocks right?");
        }
    }

    @Test
    void certificateForAnotherNameIsRefusedWithItsNames() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.OTHER_NAME)) {
            assertThat(refused(withAuthority(kubelet, certificates.pem(TestCertificates.CA))))
                    .contains("its certificate is for 'node7.example', not for this address");
        }
    }

    @Test
    void pinnedCertificateNeedsNeitherAuthorityNorName() throws Exception {
        for (String alias : List.of(
                TestCertificates.NODE_LEAF,
                TestCertificates.SELF_SIGNED,
                TestCertificates.EXPIRED,
                TestCertificates.OTHER_NAME)) {
            try (KubeletStub kubelet = kubelet(alias)) {
                DeclaredNode node = ask(pinned(kubelet, certificates.pem(alias)));
                assertThat(node.pods()).isEmpty();
                assertThat(node.warnings()).as("verified, if by another way").isEmpty();
            }
        }
    }

    @Test
    void theKubeletsOwnFileGivenAsAuthorityPinsIt() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.NODE_LEAF)) {
            Path kubeletCrt = certificates.pem(TestCertificates.NODE_LEAF, TestCertificates.NODE_CA);
            assertThat(ask(withAuthority(kubelet, kubeletCrt)).pods()).isEmpty();
        }
    }

    @Test
    void anotherLeafOfThePinnedFilesIssuerIsNotPinned() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.NODE_LEAF_TOO)) {
            Path kubeletCrt = certificates.pem(TestCertificates.NODE_LEAF, TestCertificates.NODE_CA);
            assertThat(refused(pinned(kubelet, kubeletCrt))).contains("is signed by 'CN=node-ca'");
            assertThat(refused(withAuthority(kubelet, kubeletCrt)))
                    .contains("its certificate is for 'node7', not for this address");
        }
    }

    @Test
    void pinnedFileIsReadAgainWhenTheKubeletRenews() throws Exception {
        Path file = Files.copy(certificates.pem(TestCertificates.NODE_LEAF), directory.resolve("kubelet.crt"));
        try (KubeletStub before = kubelet(TestCertificates.NODE_LEAF);
                KubeletClient client = new KubeletClient(pinned(before, file))) {
            client.node();
            Files.writeString(file, Files.readString(certificates.pem(TestCertificates.NODE_LEAF_TOO)));
            assertThat(org.assertj.core.api.Assertions.catchThrowable(client::node))
                    .isInstanceOf(KubeletException.class)
                    .hasMessageContaining("is signed by 'CN=node-ca'");
        }
    }

    @Test
    void notVerifyingIsSaidInTheAnswer() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.SELF_SIGNED)) {
            KubeletOptions plain = patient(kubelet.url());
            DeclaredNode node = ask(options(
                    plain, Optional.empty(), List.of(), Optional.empty(), Optional.empty(), true, plain.deadline()));
            assertThat(node.warnings())
                    .singleElement()
                    .asString()
                    .contains("was not verified (--kubelet-insecure-skip-verify)");
        }
    }

    @Test
    void clientCertificateIsShownWhateverItsKeysForm() throws Exception {
        try (KubeletStub kubelet = stub(TestCertificates.KUBELET, true)) {
            for (String alias : List.of(TestCertificates.CLIENT_RSA, TestCertificates.CLIENT_EC)) {
                Path certificate = certificates.pem(alias);
                for (String key : PrivateKeyForms.of(certificates.key(alias))) {
                    Path keyFile = certificates.write("client.key", key);
                    assertThat(ask(withClient(kubelet, certificate, Optional.of(keyFile)))
                                    .pods())
                            .as(key.lines().findFirst().orElseThrow())
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void clientCertificateAndKeyMayShareAFile() throws Exception {
        try (KubeletStub kubelet = stub(TestCertificates.KUBELET, true)) {
            String both = Files.readString(certificates.pem(TestCertificates.CLIENT_EC))
                    + TestCertificates.pemOf(
                            "PRIVATE KEY",
                            certificates.key(TestCertificates.CLIENT_EC).getEncoded());
            Path file = certificates.write("kubelet-client-current.pem", both);
            assertThat(ask(withClient(kubelet, file, Optional.empty())).pods()).isEmpty();
        }
    }

    @Test
    void kubeletThatWantsAClientCertificateAndGetsNone() throws Exception {
        try (KubeletStub kubelet = stub(TestCertificates.KUBELET, true)) {
            assertThat(refused(withAuthority(kubelet, certificates.pem(TestCertificates.CA))))
                    .contains("client certificate");
        }
    }

    @Test
    void credentialsThatCannotBeReadAreNamedByTheirFile() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)) {
            Path missing = directory.resolve("missing");
            Path nothing = Files.writeString(directory.resolve("nothing"), "\n");
            Path prose = Files.writeString(directory.resolve("prose"), "not a token\u001b[2J at all");
            Path certificate = certificates.pem(TestCertificates.CLIENT_EC);
            Path othersKey = certificates.write(
                    "others.key",
                    TestCertificates.pemOf(
                            "PRIVATE KEY",
                            certificates.key(TestCertificates.CLIENT_RSA).getEncoded()));

            assertThat(refused(withToken(kubelet, missing)))
                    .startsWith(missing + ": no such file; expected the bearer token");
            assertThat(refused(withToken(kubelet, directory))).startsWith(directory + ": a directory");
            assertThat(refused(withToken(kubelet, nothing))).startsWith(nothing + ": empty; expected a bearer token");
            assertThat(refused(withToken(kubelet, prose))).startsWith(prose + ": no bearer token");
            assertThat(refused(withAuthority(kubelet, missing)))
                    .startsWith(missing + ": no such file; expected the CA");
            assertThat(refused(withAuthority(kubelet, prose))).startsWith(prose + ": no certificate in it");
            assertThat(refused(pinned(kubelet, missing)))
                    .startsWith(missing + ": no such file; expected the kubelet's own certificate");
            assertThat(refused(withClient(kubelet, missing, Optional.empty())))
                    .startsWith(missing + ": no such file; expected our client certificate");
            assertThat(refused(withClient(kubelet, certificate, Optional.empty())))
                    .startsWith(certificate + ": no private key in it");
            assertThat(refused(withClient(kubelet, certificate, Optional.of(othersKey))))
                    .startsWith(othersKey + ": this key does not belong to the certificate in " + certificate);
            assertThat(kubelet.requests()).isEmpty();
        }
    }

    @Test
    void nobodyListens() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertThat(refused(patient(URI.create("https://127.0.0.1:" + port))))
                .isEqualTo("https://127.0.0.1:" + port
                        + "/pods: connection refused: no kubelet listens there; is it running, on port " + port + "?");
    }

    @Test
    void hostIsUnknown() {
        // Longer than a name may be: no resolver has to be asked, so none can be slow.
        String host = ("n".repeat(60) + ".").repeat(5) + "invalid";
        assertThat(refused(patient(URI.create("https://" + host + ":10250")))).contains("unknown host 'nnn");
    }

    @Test
    void connectionThatIsNeverAccepted() throws Exception {
        List<Socket> queue = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            try {
                while (queue.size() < 16) {
                    Socket waiting = new Socket();
                    queue.add(waiting);
                    waiting.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()), 200);
                }
            } catch (java.net.SocketTimeoutException e) {
                assertThat(queue)
                        .as("the kernel's queue of connections is full")
                        .isNotEmpty();
            }
            assertThat(refused(new KubeletOptions(
                            URI.create("https://127.0.0.1:" + full.getLocalPort()),
                            Optional.empty(),
                            List.of(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            Duration.ofMillis(500),
                            Duration.ofSeconds(20))))
                    .contains("no connection within 500 ms");
        } finally {
            for (Socket socket : queue) {
                socket.close();
            }
        }
    }

    @Test
    void connectionThatIsAcceptedAndThenSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            KubeletOptions plain = patient(URI.create("https://127.0.0.1:" + silent.getLocalPort()));
            assertThat(refused(options(
                            plain,
                            Optional.empty(),
                            List.of(),
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            Duration.ofMillis(1200))))
                    .containsPattern("no whole answer within 1200 ms: nothing came|no connection within");
        }
    }

    @Test
    void serverWithoutTls() throws Exception {
        try (KubeletStub plain = KubeletStub.withoutTls()) {
            assertThat(refused(patient(plain.url())))
                    .contains("it answers without TLS: not the kubelet's authenticated port, 10250");
        }
    }

    private KubeletStub kubelet(String alias) throws Exception {
        return stub(alias, false);
    }

    private KubeletStub stub(String alias, boolean clientCertificate) throws Exception {
        return KubeletStub.withTls(certificates.server(alias), clientCertificate)
                .on("/pods", KubeletStub.json(NO_PODS))
                .on("/configz", KubeletStub.json(CONFIGURATION));
    }

    private static KubeletOptions patient(URI url) {
        return new KubeletOptions(
                url,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                KubeletClientTest.PATIENCE,
                KubeletClientTest.PATIENCE);
    }

    private static KubeletOptions options(
            KubeletOptions plain,
            Optional<Path> authority,
            List<Path> pinned,
            Optional<Path> certificate,
            Optional<Path> key,
            boolean skip,
            Duration deadline) {
        return new KubeletOptions(
                plain.url(),
                authority,
                pinned,
                certificate,
                key,
                Optional.empty(),
                skip,
                plain.connectTimeout(),
                deadline);
    }

    private static KubeletOptions withAuthority(KubeletStub kubelet, Path authority) {
        KubeletOptions plain = patient(kubelet.url());
        return options(
                plain, Optional.of(authority), List.of(), Optional.empty(), Optional.empty(), false, plain.deadline());
    }

    private static KubeletOptions pinned(KubeletStub kubelet, Path file) {
        KubeletOptions plain = patient(kubelet.url());
        return options(
                plain, Optional.empty(), List.of(file), Optional.empty(), Optional.empty(), false, plain.deadline());
    }

    private KubeletOptions withClient(KubeletStub kubelet, Path certificate, Optional<Path> key) throws Exception {
        KubeletOptions plain = patient(kubelet.url());
        return options(
                plain,
                Optional.of(certificates.pem(TestCertificates.CA)),
                List.of(),
                Optional.of(certificate),
                key,
                false,
                plain.deadline());
    }

    private static KubeletOptions withToken(KubeletStub kubelet, Path token) {
        KubeletOptions plain = patient(kubelet.url());
        return new KubeletOptions(
                plain.url(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(token),
                true,
                plain.connectTimeout(),
                plain.deadline());
    }
}
