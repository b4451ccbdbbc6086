package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.OptionalInt;
import jnr.constants.platform.Sysconf;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** Facts about this process and its C library, by jnr-posix. Asked once, at the start. */
public final class Posix {

    /** File descriptor of standard output. */
    public static final int STANDARD_OUTPUT = 1;

    /** File descriptor of standard error. */
    public static final int STANDARD_ERROR = 2;

    static {
        // Making classes for a handful of calls, at each start, would take a tenth of its CPU; here they go by
        // reflection.
        System.setProperty("jnr.ffi.asm.enabled", "false");
    }

    private final POSIX posix = POSIXFactory.getNativePOSIX();

    /** geteuid(2) */
    public long effectiveUser() {
        return posix.geteuid() & 0xffffffffL;
    }

    /** sysconf(_SC_CLK_TCK): ticks a second of every time in {@code /proc/<pid>/stat}. */
    public long ticksPerSecond() {
        return posix.sysconf(Sysconf._SC_CLK_TCK);
    }

    /** isatty(3): does somebody watch this file descriptor? */
    public boolean isTerminal(int descriptor) {
        return posix.libc().isatty(descriptor) == 1;
    }

    /** Columns of the terminal that this file descriptor is, see ioctl_tty(2); empty where it is none, or does not say. */
    public OptionalInt columns(int descriptor) {
        try (Memory window = new Memory(4 * Short.BYTES)) { // struct winsize: rows, columns, and both in pixels
            window.clear();
            if (Libc.ioctl(descriptor, Libc.TIOCGWINSZ, Pointer.nativeValue(window)) != 0) {
                return OptionalInt.empty();
            }
            int columns = window.getShort(Short.BYTES) & 0xffff;
            return columns == 0 ? OptionalInt.empty() : OptionalInt.of(columns);
        }
    }
}
