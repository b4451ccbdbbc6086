package io.plumbline.kubernetes;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file with PEM blocks, RFC 7468: certificates or a private key. */
final class PemFile {

    private static final int MAX_BYTES = 4 << 20;
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s([^-]*)-----END \\1-----");

    /** DER of {@code INTEGER 0}, the version of a PKCS#8 key. */
    private static final byte[] VERSION_0 = {2, 1, 0};
    /** DER of the algorithm 1.2.840.113549.1.1.1, rsaEncryption, with NULL. */
    private static final byte[] RSA_ENCRYPTION = {
        0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0
    };
    /** DER of the object identifier 1.2.840.10045.2.1, ecPublicKey. */
    private static final byte[] EC_PUBLIC_KEY = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 4;
    /** {@code parameters [0]} of SEC1's ECPrivateKey. */
    private static final int PARAMETERS = 0xa0;

    private final Path file;
    private final String text;

    private PemFile(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    /**
     * Reads the file.
     *
     * @param what it is for the user: {@code the cluster's CA}
     */
    static PemFile read(Path file, String what) throws KubeletException {
        return new PemFile(file, new String(bytes(file, what, MAX_BYTES), StandardCharsets.ISO_8859_1));
    }

    /** A small file whole, or one line that says why not. */
    static byte[] bytes(Path file, String what, int limit) throws KubeletException {
        if (Files.isDirectory(file)) {
            throw new KubeletException(file.toString(), "a directory; expected the file with " + what);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(limit + 1);
            if (content.length > limit) {
                throw new KubeletException(file.toString(), "too large for a file with " + what);
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new KubeletException(file.toString(), "no such file; expected " + what, e);
        } catch (AccessDeniedException e) {
            throw new KubeletException(
                    file.toString(),
                    "permission denied (EACCES) reading " + what + "; make it readable for this user",
                    e);
        } catch (IOException e) {
            throw new KubeletException(
                    file.toString(), "reading " + what + " failed: " + Excerpt.of(String.valueOf(e.getMessage())), e);
        }
    }

    /** All certificates in their order; at least one. */
    List<X509Certificate> certificates() throws KubeletException {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            if (!block.group(1).equals("CERTIFICATE")) {
                continue;
            }
            try {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                certificates.add(
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der(block.group(2)))));
            } catch (CertificateException e) {
                throw malformed("certificate " + (certificates.size() + 1) + " in it is damaged", e);
            }
        }
        if (certificates.isEmpty()) {
            throw new KubeletException(file.toString(), "no certificate in it; expected PEM with BEGIN CERTIFICATE");
        }
        return certificates;
    }

    /** The first private key. */
    PrivateKey privateKey() throws KubeletException {
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            switch (block.group(1)) {
                case "PRIVATE KEY" -> {
                    return key(der(block.group(2)));
                }
                case "RSA PRIVATE KEY" -> {
                    return key(sequence(VERSION_0, RSA_ENCRYPTION, tagged(OCTET_STRING, der(block.group(2)))));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] key = der(block.group(2));
                    byte[] algorithm = sequence(EC_PUBLIC_KEY, curve(key));
                    return key(sequence(VERSION_0, algorithm, tagged(OCTET_STRING, key)));
                }
                case "ENCRYPTED PRIVATE KEY" -> throw encrypted();
                default -> {}
            }
        }
        if (text.contains("ENCRYPTED")) {
            throw encrypted();
        }
        throw new KubeletException(
                file.toString(),
                "no private key in it; expected PEM with BEGIN PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY");
    }

    private KubeletException encrypted() {
        return new KubeletException(file.toString(), "the private key is encrypted; give one that is not");
    }

    private KubeletException malformed(String what, Exception cause) {
        return new KubeletException(
                file.toString(), what + ": " + Excerpt.of(String.valueOf(cause.getMessage())), cause);
    }

    private byte[] der(String base64) throws KubeletException {
        try {
            return Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw malformed("a PEM block in it is damaged", e);
        }
    }

    /** A key does not say outside of its DER of which kind it is: the right factory takes it. */
    private PrivateKey key(byte[] pkcs8) throws KubeletException {
        InvalidKeySpecException refused = new InvalidKeySpecException("neither RSA nor EC nor Ed25519");
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                refused.addSuppressed(e);
            } catch (GeneralSecurityException e) {
                throw malformed("the private key in it cannot be used", e);
            }
        }
        throw malformed("the private key in it is damaged or of an unknown kind", refused);
    }

    /** The curve's object identifier, which SEC1 keeps inside of the key and PKCS#8 beside it. */
    private byte[] curve(byte[] sec1) throws KubeletException {
        try {
            DerReader key = new DerReader(sec1).enter(SEQUENCE);
            key.skip();
            key.skip();
            return key.enter(PARAMETERS).rest();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw malformed("the EC private key in it is damaged or does not name its curve", e);
        }
    }

    private static byte[] sequence(byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        return tagged(SEQUENCE, content.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.write(tag);
        // DER wants the shortest form of a length.
        if (content.length < 0x80) {
            der.write(content.length);
        } else if (content.length < 0x100) {
            der.write(0x81);
            der.write(content.length);
        } else if (content.length < 0x10000) {
            der.write(0x82);
            der.write(content.length >> 8);
            der.write(content.length);
        } else {
            der.write(0x83);
            der.write(content.length >> 16);
            der.write(content.length >> 8);
            der.write(content.length);
        }
        der.writeBytes(content);
        return der.toByteArray();
    }
}
