package io.plumbline.kubernetes;

import java.util.Arrays;

/** Steps over the values of a DER encoding, X.690; throws an unchecked exception where the encoding does not hold. */
final class DerReader {

    private final byte[] der;
    private final int end;
    private int at;

    DerReader(byte[] der) {
        this(der, 0, der.length);
    }

    private DerReader(byte[] der, int from, int to) {
        this.der = der;
        this.at = from;
        this.end = to;
    }

    /** The content of the next value, which must have this tag; this reader goes on behind it. */
    DerReader enter(int tag) {
        int found = octet();
        if (found != tag) {
            throw new IllegalArgumentException(String.format("expected tag %02x, found %02x", tag, found));
        }
        return content();
    }

    void skip() {
        octet();
        content();
    }

    /** What has not been read yet. */
    byte[] rest() {
        return Arrays.copyOfRange(der, at, end);
    }

    private DerReader content() {
        int length = octet();
        if (length > 0x7f) {
            int octets = length & 0x7f;
            if (octets > 3) {
                throw new IllegalArgumentException("a length of " + octets + " octets");
            }
            length = 0;
            for (int i = 0; i < octets; i++) {
                length = length << 8 | octet();
            }
        }
        if (length > end - at) {
            throw new IllegalArgumentException("a value longer than what holds it");
        }
        DerReader content = new DerReader(der, at, at + length);
        at += length;
        return content;
    }

    private int octet() {
        if (at >= end) {
            throw new IndexOutOfBoundsException("the encoding ends in the middle");
        }
        return der[at++] & 0xff;
    }
}
