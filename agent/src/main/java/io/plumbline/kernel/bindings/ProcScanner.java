package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** Reads all processes of one tree in one call of the C library. One thread at a time. */
public final class ProcScanner implements AutoCloseable {

    /**
     * For some 25,000 processes: what does not fit is read all over again, and the first scan is of everybody. It is address space, of which
     * only what is written becomes memory; above 32 MiB malloc(3) maps each piece by itself, and free gives it back, see mallopt(3).
     */
    private static final long FIRST_CAPACITY = 40 << 20;

    /** What is kept of it for the next scan, most of which tell of a few processes. */
    private static final long KEPT = 1 << 20;

    private static final long REASON_CAPACITY = 1024;
    /** Offsets into the buffer are ints here. */
    private static final long CAPACITY_MAX = Integer.MAX_VALUE;

    private final PlumblineLibrary library;
    private final long handle;
    private Memory memory = new Memory(FIRST_CAPACITY);
    private long filled;
    private Iterator iterator = Iterator.NOT_ASKED;
    private String refusal = "";

    private enum Iterator {
        NOT_ASKED,
        OPEN,
        REFUSED
    }

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
        return read(PlumblineHeader.NH_FULL, (mode, out, capacity) -> library.nh_scan(handle, mode, out, capacity));
    }

    /**
     * Loads the kernel's task iterator, if it can be used here: some hundredths of a second of work. The second call does nothing.
     *
     * @return empty if {@link #scanChanges()} goes by it from now on; else why not, with the errno in front
     */
    public Optional<String> openIterator() {
        if (iterator == Iterator.NOT_ASKED) {
            try (Memory why = new Memory(REASON_CAPACITY)) {
                int error = library.nh_iterator_open(handle, Pointer.nativeValue(why), why.size());
                iterator = error < 0 ? Iterator.REFUSED : Iterator.OPEN;
                refusal = error < 0 ? Errno.name(-error) + ": " + why.getString(0, "UTF-8") : "";
            }
        }
        return iterator == Iterator.OPEN ? Optional.empty() : Optional.of(refusal);
    }

    /**
     * Tells of what is new or changed since the last scan of either kind, and reads little else: the iterator says what changed, or else
     * the scheduler who has run.
     *
     * @return what was read, until the next call
     * @throws IOException if the tree itself cannot be read
     */
    public ScannedProcesses scanChanges() throws IOException {
        int kind = PlumblineHeader.NH_DELTA
                | PlumblineHeader.NH_BY_SCHEDSTAT
                | (iterator == Iterator.OPEN ? PlumblineHeader.NH_BY_ITERATOR : 0);
        return read(kind, (mode, out, capacity) -> library.nh_scan(handle, mode, out, capacity));
    }

    /**
     * The same of these processes alone; those that are not there are counted among the gone. The next scan of changes reads them too.
     *
     * @return what was read, until the next call
     * @throws IOException if the tree itself cannot be read
     */
    public ScannedProcesses detail(int[] pids) throws IOException {
        try (Memory numbers = memoryOf(pids)) {
            return read(
                    PlumblineHeader.NH_FULL,
                    (mode, out, capacity) ->
                            library.nh_detail(handle, mode, Pointer.nativeValue(numbers), pids.length, out, capacity));
        }
    }

    /** The next scan of changes reads these, whatever shows that they are as they were. */
    public void doubt(int[] pids) {
        try (Memory numbers = memoryOf(pids)) {
            int error = library.nh_doubt(handle, Pointer.nativeValue(numbers), pids.length);
            if (error < 0) {
                throw new IllegalArgumentException(Errno.name(-error) + ": " + Arrays.toString(pids));
            }
        }
    }

    private static Memory memoryOf(int[] pids) {
        Memory numbers = new Memory(Math.max(1, pids.length) * (long) Integer.BYTES);
        numbers.write(0, pids, 0, pids.length);
        return numbers;
    }

    private interface Call {
        long into(int mode, long out, long capacity);
    }

    private ScannedProcesses read(int kind, Call call) throws IOException {
        int mode = kind
                | PlumblineHeader.NH_WITH_THREADS
                | PlumblineHeader.NH_WITH_EXE_ID
                | PlumblineHeader.NH_WITH_DIRECTORIES;
        if (filled > KEPT) {
            renew(memory.size());
        }
        while (true) {
            long length = call.into(mode, Pointer.nativeValue(memory), memory.size());
            if (length >= 0) {
                filled = length;
                return new ScannedProcesses(
                        memory.getByteBuffer(0, length).order(ByteOrder.nativeOrder()),
                        (kind & PlumblineHeader.NH_DELTA) != 0);
            }
            long capacity = memory.getLong(PlumblineHeader.HEADER_NEEDED) * 5 / 4;
            if (length != -Errno.ENOSPC || capacity > CAPACITY_MAX) {
                throw new IOException("/proc: " + Errno.name((int) -length));
            }
            // More than was needed: there may be more processes by then.
            renew(Math.max(capacity, FIRST_CAPACITY));
        }
    }

    private void renew(long capacity) {
        memory.close();
        memory = new Memory(capacity);
        filled = 0;
    }

    @Override
    public void close() {
        library.nh_close(handle);
        memory.close();
    }
}
