package io.plumbline.http;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Makes a certificate for itself: X.509 version 3 (RFC 5280), EC key on P-256, signed with its own key. The JDK has no way to. */
final class SelfSigned {

    static final Duration LIFETIME = Duration.ofDays(365);

    /** A clock that is a little behind must not take the certificate for one of tomorrow. */
    private static final Duration CLOCK_SKEW = Duration.ofHours(1);

    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0c;
    private static final int GENERALIZED_TIME_TAG = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    /** {@code [0] version} and {@code [3] extensions} of TBSCertificate. */
    private static final int VERSION = 0xa0;

    private static final int EXTENSIONS = 0xa3;
    /** {@code [2] dNSName} and {@code [7] iPAddress} of GeneralName. */
    private static final int DNS_NAME = 0x82;

    private static final int IP_ADDRESS = 0x87;

    /** 1.2.840.10045.4.3.2, ecdsa-with-SHA256 */
    private static final byte[] ECDSA_WITH_SHA256 = {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
    /** 2.5.4.3, commonName */
    private static final byte[] COMMON_NAME = {6, 3, 0x55, 4, 3};
    /** 2.5.29.17, subjectAltName */
    private static final byte[] SUBJECT_ALT_NAME = {6, 3, 0x55, 0x1d, 0x11};

    private static final int SERIAL_BITS = 120;

    private SelfSigned() {}

    static Tls.Pair make(List<String> names, List<InetAddress> addresses, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            byte[] algorithm = tagged(SEQUENCE, ECDSA_WITH_SHA256);
            byte[] name = tagged(
                    SEQUENCE,
                    tagged(SET, tagged(SEQUENCE, COMMON_NAME, tagged(UTF8_STRING, utf8("plumbline (self-made)")))));
            byte[] toBeSigned = tagged(
                    SEQUENCE,
                    tagged(VERSION, tagged(INTEGER, new byte[] {2})),
                    tagged(
                            INTEGER,
                            new BigInteger(SERIAL_BITS, new SecureRandom())
                                    .setBit(1)
                                    .toByteArray()),
                    algorithm,
                    name,
                    tagged(SEQUENCE, time(now.minus(CLOCK_SKEW)), time(now.plus(LIFETIME))),
                    name,
                    keys.getPublic().getEncoded(),
                    tagged(EXTENSIONS, tagged(SEQUENCE, alternativeNames(names, addresses))));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(toBeSigned);
            byte[] certificate =
                    tagged(SEQUENCE, toBeSigned, algorithm, tagged(BIT_STRING, new byte[1], signature.sign()));
            return new Tls.Pair(
                    pem("CERTIFICATE", certificate),
                    pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no EC keys: " + e.getMessage(), e);
        }
    }

    private static byte[] alternativeNames(List<String> names, List<InetAddress> addresses) {
        List<byte[]> all = new ArrayList<>();
        names.forEach(name -> all.add(tagged(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII))));
        addresses.forEach(address -> all.add(tagged(IP_ADDRESS, address.getAddress())));
        return tagged(SEQUENCE, SUBJECT_ALT_NAME, tagged(OCTET_STRING, tagged(SEQUENCE, all.toArray(byte[][]::new))));
    }

    private static byte[] time(Instant instant) {
        return tagged(GENERALIZED_TIME_TAG, utf8(GENERALIZED_TIME.format(instant)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what + "-----\n";
    }

    /** DER, X.690: tag, length in the shortest form, content. */
    private static byte[] tagged(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream der = new ByteArrayOutputStream();
        der.write(tag);
        int length = content.size();
        if (length >= 0x80) {
            int octets = length < 0x100 ? 1 : 2;
            der.write(0x80 | octets);
            if (octets == 2) {
                der.write(length >> 8);
            }
        }
        der.write(length);
        der.writeBytes(content.toByteArray());
        return der.toByteArray();
    }
}
