package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFileTest {

    private final TestCertificates certificates = TestCertificates.made();

    @TempDir
    private Path directory;

    @Test
    void readsAllCertificatesAndPassesOverTheRest() throws Exception {
        String key = TestCertificates.pemOf(
                "PRIVATE KEY", certificates.key(TestCertificates.CA).getEncoded());
        Path file = write("Bag Attributes\n" + key
                + Files.readString(certificates.pem(TestCertificates.CA, TestCertificates.NODE_LEAF))
                + "trailing words");
        assertThat(PemFile.read(file, "a CA").certificates())
                .isEqualTo(List.of(
                        certificates.certificate(TestCertificates.CA),
                        certificates.certificate(TestCertificates.NODE_LEAF)));
    }

    @Test
    void readsLineEndsOfEveryKind() throws Exception {
        String pem = Files.readString(certificates.pem(TestCertificates.CA));
        assertThat(PemFile.read(write(pem.replace("\n", "\r\n")), "a CA").certificates())
                .hasSize(1);
    }

    @Test
    void readsAKeyInEveryForm() throws Exception {
        for (String alias : List.of(TestCertificates.CLIENT_RSA, TestCertificates.CLIENT_EC)) {
            Key key = certificates.key(alias);
            List<String> forms = PrivateKeyForms.of(key);
            assertThat(forms).hasSize(2);
            for (String form : forms) {
                assertThat(secret(PemFile.read(write(form), "a key").privateKey()))
                        .as(form.lines().findFirst().orElseThrow())
                        .isEqualTo(secret(key));
            }
        }
    }

    @Test
    void damagedCertificateIsSaid() throws Exception {
        String pem = Files.readString(certificates.pem(TestCertificates.CA, TestCertificates.KUBELET));
        String[] halves = pem.split("(?<=-----END CERTIFICATE-----\n)", 2);
        assertThat(refused(halves[0] + halves[1].replaceFirst("[A-Za-z0-9]{32}", "A".repeat(32)), false))
                .contains(": certificate 2 in it is damaged");
        assertThat(refused("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n", false))
                .contains("a PEM block in it is damaged");
        assertThat(refused(pem.substring(0, 200), false))
                .contains("no certificate in it; expected PEM with BEGIN CERTIFICATE");
        assertThat(refused("", false)).contains("no certificate in it");
    }

    @Test
    void damagedKeyIsSaid() throws Exception {
        for (String alias : List.of(TestCertificates.CLIENT_RSA, TestCertificates.CLIENT_EC)) {
            for (String form : PrivateKeyForms.of(certificates.key(alias))) {
                String damaged = form.replaceAll("(KEY-----\n)[A-Za-z0-9+/]{12}", "$1AAAAAAAAAAAA");
                assertThat(damaged).isNotEqualTo(form);
                assertThat(refused(damaged, true)).contains("private key in it is damaged");
            }
        }
        assertThat(refused("-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n", true))
                .contains("the EC private key in it is damaged or does not name its curve");
    }

    @Test
    void encryptedKeyIsSaid() throws Exception {
        assertThat(refused("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", true))
                .contains("the private key is encrypted; give one that is not");
        assertThat(refused("""
                        -----BEGIN RSA PRIVATE KEY-----
                        Proc-Type: 4,ENCRYPTED
                        DEK-Info: AES-256-CBC,00

                        MIIB
                        -----END RSA PRIVATE KEY-----
                        """, true)).contains("the private key is encrypted; give one that is not");
    }

    @Test
    void fileThatIsMuchTooLargeIsNotRead() throws Exception {
        assertThat(refused(" ".repeat(5 << 20), false)).contains("too large for a file with the test's PEM");
    }

    /** The number in it: encodings of one key differ in what they say beside. */
    private static BigInteger secret(Key key) {
        return key instanceof ECPrivateKey ec ? ec.getS() : ((RSAPrivateKey) key).getPrivateExponent();
    }

    private Path write(String text) throws Exception {
        return Files.writeString(directory.resolve("file.pem"), text);
    }

    private String refused(String text, boolean key) throws Exception {
        Path file = write(text);
        assertThatThrownBy(() -> {
                    PemFile pem = PemFile.read(file, "the test's PEM");
                    Object found = key ? pem.privateKey() : pem.certificates();
                    throw new AssertionError("read: " + found);
                })
                .isInstanceOf(KubeletException.class)
                .hasMessageStartingWith(file + ": ");
        try {
            PemFile pem = PemFile.read(file, "the test's PEM");
            return String.valueOf(key ? pem.privateKey() : pem.certificates());
        } catch (KubeletException e) {
            return e.getMessage();
        }
    }
}
