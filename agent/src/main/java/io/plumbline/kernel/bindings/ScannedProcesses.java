package io.plumbline.kernel.bindings;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A buffer that the C library filled: a header, a record for each process, and what is of no fixed length behind them.
 *
 * <p>Lengths and offsets are checked where they are used: a wrong one is an {@link IndexOutOfBoundsException}, never a look at other
 * memory.
 */
public final class ScannedProcesses {

    private final ByteBuffer buffer;

    /**
     * Takes a buffer in native byte order.
     *
     * @throws IllegalArgumentException if it is not what the header file describes
     */
    ScannedProcesses(ByteBuffer buffer) {
        boolean ours = buffer.capacity() >= PlumblineHeader.HEADER_SIZE
                && buffer.getInt(PlumblineHeader.HEADER_MAGIC) == PlumblineHeader.NH_MAGIC
                && buffer.getInt(PlumblineHeader.HEADER_ABI) == PlumblineHeader.NH_ABI
                && buffer.getInt(PlumblineHeader.HEADER_RECORD_SIZE) == PlumblineHeader.RECORD_SIZE;
        if (!ours) {
            throw new IllegalArgumentException("not a buffer of ABI " + PlumblineHeader.NH_ABI);
        }
        this.buffer = buffer;
    }

    /** In the order of their pids. */
    public List<ScannedProcess> processes() {
        int count = buffer.getInt(PlumblineHeader.HEADER_CHANGED);
        return IntStream.range(0, count)
                .mapToObj(
                        i -> new ScannedProcess(buffer, PlumblineHeader.HEADER_SIZE + i * PlumblineHeader.RECORD_SIZE))
                .toList();
    }

    /** How many ended while they were read. */
    public int gone() {
        return buffer.getInt(PlumblineHeader.HEADER_GONE);
    }
}
