package io.plumbline.kubernetes;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** A body in the pieces in which it came. Read once, after the last was added; each is given free as soon as it has been read. */
final class Pieces extends InputStream {

    /**
     * In bytes. Pieces smaller than this are put together in blocks of this size: of an answer in chunks of one byte the pieces take many
     * times its size, and with the heap the agent would end.
     */
    private static final int BLOCK = 8192;

    private final Deque<ByteBuffer> rest = new ArrayDeque<>();

    /** The last of the rest where there is room in it, behind its limit. */
    private ByteBuffer last = full();

    void add(ByteBuffer piece) {
        if (piece.remaining() >= BLOCK) {
            rest.add(piece);
            last = full();
            return;
        }
        while (piece.hasRemaining()) {
            int end = last.limit();
            int count = Math.min(piece.remaining(), last.capacity() - end);
            if (count == 0) {
                last = ByteBuffer.allocate(BLOCK).limit(0);
                rest.add(last);
            } else {
                last.limit(end + count).put(end, piece, piece.position(), count);
                piece.position(piece.position() + count);
            }
        }
    }

    void clear() {
        rest.clear();
        last = full();
    }

    private static ByteBuffer full() {
        return ByteBuffer.allocate(0);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        while (!rest.isEmpty() && !rest.getFirst().hasRemaining()) {
            rest.removeFirst();
        }
        if (rest.isEmpty()) {
            return -1;
        }
        ByteBuffer first = rest.getFirst();
        int count = Math.min(length, first.remaining());
        first.get(target, offset, count);
        return count;
    }
}
