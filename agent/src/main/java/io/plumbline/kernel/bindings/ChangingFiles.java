package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files of procfs that tell of their changes (POLLPRI), waited for together: epoll(7). Waiting for many costs nothing while none changes;
 * poll(2) asks each of them whenever it is called. One thread at a time.
 */
public final class ChangingFiles implements AutoCloseable {

    private static final int MOST_AT_ONCE = 64;

    // sys/epoll.h: the kernel packs the structure on x86-64 alone
    private static final boolean PACKED = Platform.isIntel() && Platform.is64Bit();
    private static final long EVENT_DATA = PACKED ? 4 : 8;
    private static final long EVENT_SIZE = PACKED ? 12 : 16;

    private final KernelFiles files;
    private final int epoll;
    private final Memory events = new Memory(MOST_AT_ONCE * EVENT_SIZE);

    private ChangingFiles(KernelFiles files, int epoll) {
        this.files = files;
        this.epoll = epoll;
    }

    /**
     * Waits for no file yet.
     *
     * @throws IOException if the kernel refuses; the message is its errno's name
     */
    public static ChangingFiles open(KernelFiles files) throws IOException {
        int epoll = Libc.epoll_create1(Libc.O_CLOEXEC);
        if (epoll < 0) {
            throw new IOException("epoll: " + Errno.name(Native.getLastError()));
        }
        return new ChangingFiles(files, epoll);
    }

    /**
     * Opens one more. It is waited for until its descriptor is closed; a change between the two calls is told, too.
     *
     * @return a descriptor, or {@code -errno}
     */
    public int add(int directory, String path) {
        int opened = files.openToWait(directory, path);
        if (opened < 0) {
            return opened;
        }
        events.setInt(0, Libc.EPOLLPRI);
        events.setLong(EVENT_DATA, opened);
        if (Libc.epoll_ctl(epoll, Libc.EPOLL_CTL_ADD, opened, Pointer.nativeValue(events)) < 0) {
            int error = Native.getLastError();
            files.close(opened);
            return -error;
        }
        return opened;
    }

    /**
     * Waits until one of them changes. What changed between two calls is told by the second; of many at once the next call tells the rest.
     *
     * @return the descriptors of those that did; none after the longest wait, or where a signal came
     */
    public Set<Integer> next(int longestMillis) {
        Set<Integer> changed = new TreeSet<>();
        int count = Libc.epoll_wait(epoll, Pointer.nativeValue(events), MOST_AT_ONCE, longestMillis);
        for (int i = 0; i < count; i++) {
            changed.add((int) events.getLong(i * EVENT_SIZE + EVENT_DATA));
        }
        return changed;
    }

    @Override
    public void close() {
        files.close(epoll);
        events.close();
    }
}
