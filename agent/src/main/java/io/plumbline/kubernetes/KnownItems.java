package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What was made of the items of a list, from one reading of the list to the next: an item that is written as it was, byte for byte, is
 * not parsed again. In its place the parser is given an object with one field, a number. One list at a time.
 *
 * <p>Only what was parsed before without an error is ever left out. An item is known by a hash under a key, and the field has a name, that
 * nobody knows who writes into a list.
 *
 * @param <T> what is made of an item; never changed
 */
final class KnownItems<T> {

    private final SipHash hash = SipHash.random();
    private final String field = random();
    private final byte[] begin = ("{\"" + field + "\":").getBytes(US_ASCII);
    private final Map<Long, Known<T>> known = new HashMap<>();

    /** What this reading made; known once it came to its end, so that lists that are refused leave nothing behind. */
    private final Map<Long, Known<T>> made = new HashMap<>();

    private final List<Known<T>> found = new ArrayList<>();
    private final List<Fresh> fresh = new ArrayList<>();
    private final ItemFilter filter = new ItemFilter(this::shorten);
    private long reading;

    /** An item of an earlier reading. */
    private static final class Known<T> {
        private final int length;
        private final T value;
        private long reading;
        private long end;
        private int saved;

        Known(int length, T value, long reading) {
            this.length = length;
            this.value = value;
            this.reading = reading;
        }
    }

    /**
     * An item that the parser was given.
     *
     * @param end where it ended in what the parser was given
     */
    private record Fresh(long end, int length, long hash) {}

    /** A list for the parser; the one before is over. Only of a text that begins with the list itself, in UTF-8, something is known. */
    InputStream of(InputStream in) {
        reading++;
        found.clear();
        fresh.clear();
        made.clear();
        return filter.of(in);
    }

    /** The name of the field that an item has of which all is known. */
    String field() {
        return field;
    }

    /** What is known of an item, by the number that its field has. */
    T value(long number) {
        return found.get(Math.toIntExact(number)).value;
    }

    /**
     * Keeps what was made of an item, from the {@link #end} on.
     *
     * @param end the offset behind it, as the parser counts
     */
    void keep(long end, T value) {
        for (int i = fresh.size() - 1; i >= 0 && fresh.get(i).end() >= end; i--) {
            Fresh one = fresh.get(i);
            if (one.end() == end) {
                made.put(one.hash(), new Known<>(one.length(), value, reading));
            }
        }
    }

    /** The list was read to its end and is a good one: what stood in it is known, and nothing else. */
    void end() {
        known.values().removeIf(one -> one.reading != reading);
        known.putAll(made);
    }

    /** An offset in the list as it came, of one in what the parser was given. */
    long origin(long offset) {
        long origin = offset;
        for (Known<T> one : found) {
            if (one.end <= offset) {
                origin += one.saved;
            }
        }
        return origin;
    }

    private int shorten(byte[] item, int length, long from) {
        long hashed = hash.of(item, length);
        Known<T> same = known.get(hashed);
        // The same item twice in one list is for the reader of the list to see.
        if (same == null || same.length != length || same.reading == reading) {
            fresh.add(new Fresh(from + length, length, hashed));
            return length;
        }
        byte[] number = (found.size() + "}").getBytes(US_ASCII);
        System.arraycopy(begin, 0, item, 0, begin.length);
        System.arraycopy(number, 0, item, begin.length, number.length);
        int left = begin.length + number.length;
        same.reading = reading;
        same.end = from + left;
        same.saved = length - left;
        found.add(same);
        return left;
    }

    private static String random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
