package io.plumbline.kernel.bindings;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A buffer that the C library filled: a header, a record for each process, and what is of no fixed length behind them.
 *
 * <p>Lengths and offsets are checked where they are used: a wrong one is an {@link IndexOutOfBoundsException}, never a look at other
 * memory.
 */
public final class ScannedProcesses {

    private final ByteBuffer buffer;
    private final boolean changesOnly;

    /**
     * Takes a buffer in native byte order.
     *
     * @param changesOnly are there records of those processes alone that are not as they were in the last scan
     * @throws IllegalArgumentException if it is not what the header file describes
     */
    ScannedProcesses(ByteBuffer buffer, boolean changesOnly) {
        boolean ours = buffer.capacity() >= PlumblineHeader.HEADER_SIZE
                && buffer.getInt(PlumblineHeader.HEADER_MAGIC) == PlumblineHeader.NH_MAGIC
                && buffer.getInt(PlumblineHeader.HEADER_ABI) == PlumblineHeader.NH_ABI
                && buffer.getInt(PlumblineHeader.HEADER_RECORD_SIZE) == PlumblineHeader.RECORD_SIZE;
        if (!ours) {
            throw new IllegalArgumentException("not a buffer of ABI " + PlumblineHeader.NH_ABI);
        }
        this.buffer = buffer;
        this.changesOnly = changesOnly;
    }

    /** Are these only the new and changed ones? The others are as in the last scan, but for {@link #ended()}. */
    public boolean changesOnly() {
        return changesOnly;
    }

    /** Of a scan of changes the pids that the last one had and this one has not, or not with the same start; in order. */
    public int[] ended() {
        int offset = buffer.getInt(PlumblineHeader.HEADER_ENDED_OFFSET);
        return IntStream.range(0, buffer.getInt(PlumblineHeader.HEADER_ENDED_COUNT))
                .map(i -> buffer.getInt(offset + i * Integer.BYTES))
                .toArray();
    }

    /** A number that is another one in the next scan if a mount table of a process may have changed by then. */
    public long mountChanges() {
        return buffer.getLong(PlumblineHeader.HEADER_MOUNT_CHANGES);
    }

    /** The inodes of the mount namespaces whose tables changed, if that number is one more than in the last scan; none if nobody knows which. */
    public Set<Long> changedMounts() {
        int offset = buffer.getInt(PlumblineHeader.HEADER_MOUNTS_OFFSET);
        return IntStream.range(0, buffer.getInt(PlumblineHeader.HEADER_MOUNTS_COUNT))
                .mapToObj(i -> Integer.toUnsignedLong(buffer.getInt(offset + i * Integer.BYTES)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** errno(3), why this scan could not go by the iterator that it was to go by; else 0. */
    public int iteratorError() {
        return buffer.getInt(PlumblineHeader.HEADER_ITERATOR_ERROR);
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
