package io.plumbline.kernel.bindings;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
import java.util.Map;

/**
 * The functions of {@code plumbline.h} that Java calls, which is their documentation; mapped directly, since events are read often. A
 * process has one such library: of two files with the same ABI the one that was loaded last does the work of both.
 */
final class PlumblineLibrary {

    private static final Map<String, ?> OPTIONS = Map.of(Library.OPTION_STRING_ENCODING, "UTF-8");

    private PlumblineLibrary() {}

    /**
     * What ABI a file has, without which nothing else of it may be called.
     *
     * @throws LinkageError if it cannot be loaded
     */
    static int abi(Path file) {
        return NativeLibrary.getInstance(file.toString(), OPTIONS)
                .getFunction("nh_abi")
                .invokeInt(new Object[0]);
    }

    /** Loads a file of the ABI of {@link PlumblineHeader}. */
    static PlumblineLibrary load(Path file) {
        Native.register(PlumblineLibrary.class, NativeLibrary.getInstance(file.toString(), OPTIONS));
        return new PlumblineLibrary();
    }

    native long nh_open(String procRoot, int cmdlineMax, int flags);

    native int nh_iterator_open(long handle, long why, long capacity);

    native long nh_scan(long handle, int mode, long out, long capacity);

    native long nh_detail(long handle, int mode, long pids, int count, long out, long capacity);

    native int nh_doubt(long handle, long pids, int count);

    native int nh_close(long handle);

    native long nh_events_open(String procRoot, int buffer, long out, long capacity);

    native int nh_events_ring(long events, int bytes, long why, long capacity);

    native long nh_events_read(long events, long out, long capacity, int timeoutMs);

    native int nh_events_close(long events);
}
