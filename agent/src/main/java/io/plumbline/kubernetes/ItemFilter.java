package io.plumbline.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Finds where the items of a list begin and end, before it is parsed: somebody sees each item and may put a shorter text in its place. All else
 * goes through as it is. One list at a time, because they share buffers.
 */
final class ItemFilter {

    /** A longer item goes through unseen. Pods have some 10 KB. */
    static final int LONGEST = 1 << 17;

    private static final int CHUNK = 1 << 13;

    /** Items are objects in a list in the outermost object. */
    private static final int DEPTH = 2;

    private final Seen seen;
    private final byte[] chunk = new byte[CHUNK];
    private byte[] item = new byte[CHUNK];

    /** Who sees the items. */
    interface Seen {
        /**
         * An item, as it came.
         *
         * @param item has it at its beginning, and room for 8 KiB in any case; what is to stand in the list is left there
         * @param length of the item, in bytes, {@link #LONGEST} at most
         * @param from where it is going to begin in the stream that comes out
         * @return the length of what is to stand in the list
         */
        int shorten(byte[] item, int length, long from);
    }

    ItemFilter(Seen seen) {
        this.seen = seen;
    }

    /** A list; the one before is over. Items are found only in a text that begins with the list itself, in UTF-8. */
    InputStream of(InputStream in) {
        return new Filtered(in);
    }

    private final class Filtered extends InputStream {
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

        Filtered(InputStream in) {
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
                    give(item, 0, seen.shorten(item, length, given));
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
    }
}
