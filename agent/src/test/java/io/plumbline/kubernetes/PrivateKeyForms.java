package io.plumbline.kubernetes;

import java.io.ByteArrayOutputStream;
import java.security.Key;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A private key in the forms in which tools write it. */
final class PrivateKeyForms {

    private PrivateKeyForms() {}

    /** PEM texts of one key: PKCS#8, and PKCS#1 for RSA or SEC1 (with the curve's name, as OpenSSL has it) for EC. */
    static List<String> of(Key key) {
        List<String> forms = new ArrayList<>();
        forms.add(TestCertificates.pemOf("PRIVATE KEY", key.getEncoded()));
        // A PKCS#8 key is SEQUENCE { version, SEQUENCE algorithm, OCTET STRING key }.
        DerReader pkcs8 = new DerReader(key.getEncoded()).enter(0x30);
        pkcs8.skip();
        DerReader algorithm = pkcs8.enter(0x30);
        byte[] inner = pkcs8.enter(4).rest();
        if (!(key instanceof ECPrivateKey)) {
            forms.add(TestCertificates.pemOf("RSA PRIVATE KEY", inner));
            return forms;
        }
        algorithm.skip();
        byte[] curve = algorithm.rest();
        // The JDK leaves the curve out of the inner key; OpenSSL writes SEQUENCE { 1, OCTET STRING, [0] curve, ... }.
        DerReader fields = new DerReader(inner).enter(0x30);
        fields.skip();
        byte[] secret = fields.enter(4).rest();
        ByteArrayOutputStream sec1 = new ByteArrayOutputStream();
        sec1.writeBytes(new byte[] {2, 1, 1, 4, (byte) secret.length});
        sec1.writeBytes(secret);
        sec1.writeBytes(new byte[] {(byte) 0xa0, (byte) curve.length});
        sec1.writeBytes(curve);
        byte[] content = sec1.toByteArray();
        if (content.length > 0x7f) {
            throw new IllegalArgumentException("a curve larger than this test knows");
        }
        byte[] whole = new byte[content.length + 2];
        whole[0] = 0x30;
        whole[1] = (byte) content.length;
        System.arraycopy(content, 0, whole, 2, content.length);
        String parameters = TestCertificates.pemOf("EC PARAMETERS", Arrays.copyOf(curve, curve.length));
        forms.add(parameters + TestCertificates.pemOf("EC PRIVATE KEY", whole));
        return forms;
    }
}
