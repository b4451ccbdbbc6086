package io.plumbline.kernel;

import java.nio.charset.StandardCharsets;

/**
 * A place in a kernel file, moving forward. Numbers are read strictly: a negative result says that there was none.
 *
 * <p>Why not String.split and a regex: status is read for every process of a node, each scan.
 */
final class Cursor {

    /** Returned where a number should stand and does not, or does not fit. */
    static final long NONE = -1;

    private static final int HEX_DIGITS = 16;

    private final byte[] bytes;
    private int at;
    private final int end;

    Cursor(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    boolean atEnd() {
        return at >= end;
    }

    int position() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    /** The byte here, 0 to 255, without moving; -1 at the end. */
    int peek() {
        return at < end ? bytes[at] & 0xff : -1;
    }

    void skip(int count) {
        at = Math.min(end, at + count);
    }

    void skipBlanks() {
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
    }

    /** Moves behind these ASCII characters if they stand here. */
    boolean skip(String ascii) {
        if (ascii.length() > end - at) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (bytes[at + i] != ascii.charAt(i)) {
                return false;
            }
        }
        at += ascii.length();
        return true;
    }

    /** What stands before the next such byte, or before the end; this moves behind that byte. */
    Cursor until(char delimiter) {
        int start = at;
        int found = indexOf(delimiter);
        at = found < 0 ? end : found + 1;
        return new Cursor(bytes, start, found < 0 ? end : found);
    }

    /** Where the next such byte is; -1 if there is none. */
    int indexOf(char wanted) {
        for (int i = at; i < end; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Where the last such byte is; -1 if there is none. */
    int lastIndexOf(char wanted) {
        for (int i = end - 1; i >= at; i--) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Are all bytes from here to the end ASCII? */
    boolean isAscii() {
        for (int i = at; i < end; i++) {
            if (bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** An unsigned decimal number up to {@code max}, or {@link #NONE}. */
    long decimal(long max) {
        int start = at;
        long value = 0;
        for (; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
            int digit = bytes[at] - '0';
            if (digit > max || value > (max - digit) / 10) {
                return NONE;
            }
            value = value * 10 + digit;
        }
        return at > start ? value : NONE;
    }

    /** Blanks, and a number that is the last thing here; else {@link #NONE}. */
    long onlyDecimal(long max) {
        skipBlanks();
        long value = decimal(max);
        return atEnd() ? value : NONE;
    }

    /** Are exactly 16 hexadecimal digits, small letters, the rest? The kernel pads: fewer are a cut file and not a small number. */
    boolean isHexWord() {
        if (end - at != HEX_DIGITS) {
            return false;
        }
        for (int i = at; i < end; i++) {
            if (Character.digit(bytes[i], 16) < 0 || Character.isUpperCase(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** The rest as a hexadecimal number of 64 bits; ask {@link #isHexWord} first. */
    long hexWord() {
        long value = 0;
        for (; at < end; at++) {
            value = value << 4 | Character.digit(bytes[at], 16);
        }
        return value;
    }

    /** From here to the end as text, what is not UTF-8 replaced. */
    String text() {
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    /** The part from here to a place, as text. */
    String textTo(int position) {
        return new String(bytes, at, position - at, StandardCharsets.UTF_8);
    }

    /** From here to the end, one char for each byte. */
    String byteString() {
        return new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
    }
}
