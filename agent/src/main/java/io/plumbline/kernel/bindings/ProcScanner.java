package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteOrder;

/** Reads all processes of one tree in one call of the C library. One thread at a time. */
public final class ProcScanner implements AutoCloseable {

    private static final long FIRST_CAPACITY = 1 << 20;
    /** Offsets into the buffer are ints here. */
    private static final long CAPACITY_MAX = Integer.MAX_VALUE;

    private final PlumblineLibrary library;
    private final long handle;
    private Memory memory = new Memory(FIRST_CAPACITY);

    ProcScanner(PlumblineLibrary library, long handle) {
        this.library = library;
        this.handle = handle;
    }

    /**
     * Reads everything, with the differing threads and the identity of executables.
     *
     * @return what was read, until the next call
     * @throws IOException if the tree itself cannot be read
     */
    public ScannedProcesses scan() throws IOException {
        return read((mode, out, capacity) -> library.nh_scan(handle, mode, out, capacity));
    }

    /**
     * The same of these processes alone; those that are not there are counted among the gone.
     *
     * @return what was read, until the next call
     * @throws IOException if the tree itself cannot be read
     */
    public ScannedProcesses detail(int[] pids) throws IOException {
        try (Memory numbers = new Memory(Math.max(1, pids.length) * (long) Integer.BYTES)) {
            numbers.write(0, pids, 0, pids.length);
            return read((mode, out, capacity) ->
                    library.nh_detail(handle, mode, Pointer.nativeValue(numbers), pids.length, out, capacity));
        }
    }

    private interface Call {
        long into(int mode, long out, long capacity);
    }

    private ScannedProcesses read(Call call) throws IOException {
        int mode = PlumblineHeader.NH_FULL | PlumblineHeader.NH_WITH_THREADS | PlumblineHeader.NH_WITH_EXE_ID;
        while (true) {
            long length = call.into(mode, Pointer.nativeValue(memory), memory.size());
            if (length >= 0) {
                return new ScannedProcesses(memory.getByteBuffer(0, length).order(ByteOrder.nativeOrder()));
            }
            long capacity = memory.getLong(PlumblineHeader.HEADER_NEEDED) * 5 / 4;
            if (length != -Errno.ENOSPC || capacity > CAPACITY_MAX) {
                throw new IOException("/proc: " + Errno.name((int) -length));
            }
            // More than was needed: there may be more processes by then.
            memory.close();
            memory = new Memory(Math.max(capacity, FIRST_CAPACITY));
        }
    }

    @Override
    public void close() {
        library.nh_close(handle);
        memory.close();
    }
}
