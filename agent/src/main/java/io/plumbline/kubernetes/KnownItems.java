package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
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

    /** A longer item is parsed each time. Pods have some 10 KB. */
    static final int LONGEST = 1 << 17;

    private static final int CHUNK = 1 << 13;

    /** Items are objects in a list in the outermost object. */
    private static final int DEPTH = 2;

    private final SipHash hash = SipHash.random();
    private final String field = random();
    private final byte[] begin = ("{\"" + field + "\":").getBytes(US_ASCII);
    private final Map<Long, Known<T>> known = new HashMap<>();

    /** What this reading made; known once it came to its end, so that lists that are refused leave nothing behind. */
    private final Map<Long, Known<T>> made = new HashMap<>();

    private final List<Known<T>> found = new ArrayList<>();
    private final List<Fresh> fresh = new ArrayList<>();
    private final byte[] chunk = new byte[CHUNK];
    private byte[] item = new byte[CHUNK];
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
        return new Filter(in);
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

    private static String random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Cuts the items out of a list, and gives in the place of those that are known their numbers. */
    private final class Filter extends InputStream {
        private final InputStream in;
        private int chunkAt;
        private int chunkEnd;

        /** What is to be given next: a part of {@link #chunk} or of {@link #item}, and where its end is in all that is given. */
        private byte[] ready = chunk;

        private int readyAt;
        private int readyEnd;
        private long given;

        private boolean begun;
        private boolean isList;
        private int depth;
        private boolean inItems;
        private boolean inText;
        private boolean escaped;
        private boolean inItem;
        private int length;

        Filter(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int wanted) throws IOException {
            int read = 0;
            while (read < wanted && (readyAt < readyEnd || fill())) {
                int some = Math.min(wanted - read, readyEnd - readyAt);
                System.arraycopy(ready, readyAt, to, offset + read, some);
                readyAt += some;
                read += some;
            }
            return read == 0 && wanted > 0 ? -1 : read;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }

        /** @return false at the end */
        private boolean fill() throws IOException {
            if (chunkAt == chunkEnd) {
                chunkAt = 0;
                chunkEnd = Math.max(in.read(chunk), 0);
                if (chunkEnd == 0) {
                    boolean torn = inItem && length > 0;
                    inItem = false;
                    give(item, 0, torn ? length : 0);
                    return torn;
                }
                isList = begun ? isList : chunk[0] == '{';
                begun = true;
            }
            int from = chunkAt;
            if (!isList) {
                chunkAt = chunkEnd;
                give(chunk, from, chunkEnd);
            } else if (!inItem) {
                inItem = scan();
                length = 0;
                give(chunk, from, chunkAt);
            } else {
                boolean whole = scan();
                append(from);
                if (length > LONGEST) {
                    inItem = false;
                    give(item, 0, length);
                } else if (whole) {
                    inItem = false;
                    finish();
                } else {
                    give(item, 0, 0);
                }
            }
            return true;
        }

        private void give(byte[] bytes, int from, int to) {
            ready = bytes;
            readyAt = from;
            readyEnd = to;
            given += to - from;
        }

        /**
         * Goes on to where an item begins, in an item to where that ends, else to the end of the chunk. Texts that are no JSON are for the
         * parser to refuse: up to where that shows this finds what the parser does.
         *
         * @return it is there
         */
        private boolean scan() {
            byte[] bytes = chunk;
            int at = chunkAt;
            int end = chunkEnd;
            while (at < end) {
                if (inText) {
                    at = text(bytes, at, end);
                    continue;
                }
                byte one = bytes[at];
                if (one == '{' && depth == DEPTH && inItems && !inItem) {
                    chunkAt = at;
                    return true;
                }
                at++;
                if (one == '"') {
                    inText = true;
                } else if (one == '{' || one == '[') {
                    depth++;
                    inItems = depth == DEPTH ? one == '[' : inItems;
                } else if (one == '}' || one == ']') {
                    depth--;
                    if (depth == DEPTH && inItem) {
                        chunkAt = at;
                        return true;
                    }
                }
            }
            chunkAt = at;
            return false;
        }

        /** Goes on behind the quotation mark that ends a text. */
        private int text(byte[] bytes, int from, int end) {
            int at = from;
            if (escaped) {
                escaped = false;
                at++;
            }
            while (at < end) {
                byte one = bytes[at++];
                if (one == '"') {
                    inText = false;
                    return at;
                }
                if (one == '\\') {
                    escaped = at == end;
                    at++;
                }
            }
            return end;
        }

        private void append(int from) {
            int more = chunkAt - from;
            if (length + more > item.length) {
                item = Arrays.copyOf(item, Math.max(2 * item.length, length + more));
            }
            System.arraycopy(chunk, from, item, length, more);
            length += more;
        }

        private void finish() {
            long hashed = hash.of(item, 0, length);
            Known<T> same = known.get(hashed);
            // The same item twice in one list is for the reader of the list to see.
            if (same == null || same.length != length || same.reading == reading) {
                give(item, 0, length);
                fresh.add(new Fresh(given, length, hashed));
                return;
            }
            byte[] number = (found.size() + "}").getBytes(US_ASCII);
            System.arraycopy(begin, 0, item, 0, begin.length);
            System.arraycopy(number, 0, item, begin.length, number.length);
            give(item, 0, begin.length + number.length);
            same.reading = reading;
            same.end = given;
            same.saved = length - (begin.length + number.length);
            found.add(same);
        }
    }
}
