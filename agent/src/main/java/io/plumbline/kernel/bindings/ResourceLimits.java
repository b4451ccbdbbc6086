package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** prlimit(2) */
public final class ResourceLimits {

    // asm-generic/resource.h
    public static final int PROCESSOR_SECONDS = 0;
    public static final int FILE_SIZE = 1;
    public static final int CORE_SIZE = 4;
    public static final int ADDRESS_SPACE = 9;

    private ResourceLimits() {}

    /** Sets soft and hard limit of another process. Returns 0 or {@code -errno}. */
    public static int set(long pid, int resource, long value) {
        try (Memory limit = new Memory(2L * Long.BYTES)) {
            limit.setLong(0, value);
            limit.setLong(Long.BYTES, value);
            return Libc.prlimit((int) pid, resource, Pointer.nativeValue(limit), 0) < 0 ? -Native.getLastError() : 0;
        }
    }
}
