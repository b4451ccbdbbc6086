package io.plumbline.kernel;

import io.plumbline.model.Reading;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a file of the kernel held, under its canonical name: {@code /proc/7/status}, wherever the tree lies.
 *
 * <p>The bytes belong to the reader and are overwritten by its next read: parse first, then read on.
 */
final class Content {

    /** The file was read, but is not what its manual page says; EBADMSG in the words of the C library's reader. */
    static final String NOT_IN_FORM = "not in the form of proc(5)";

    private final String source;
    private final byte[] bytes;
    private final int length;

    Content(String source, byte[] bytes, int length) {
        this.source = source;
        this.bytes = bytes;
        this.length = length;
    }

    static Content of(String source, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Content(source, bytes, bytes.length);
    }

    String source() {
        return source;
    }

    int length() {
        return length;
    }

    Cursor cursor() {
        return start(length);
    }

    /** No more than so many bytes of it. */
    Cursor start(int limit) {
        return new Cursor(bytes, 0, Math.min(limit, length));
    }

    boolean hasSameBytes(Content other) {
        return Arrays.equals(bytes, 0, length, other.bytes, 0, other.length);
    }

    /** The same, to keep over the reader's next read. */
    Content copy() {
        return new Content(source, Arrays.copyOf(bytes, length), length);
    }

    /** As text, what is not UTF-8 replaced. */
    String text() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    <T> Reading<T> malformed() {
        return malformed(NOT_IN_FORM);
    }

    <T> Reading<T> malformed(String why) {
        return new Reading.Unreadable<>(source, why);
    }
}
