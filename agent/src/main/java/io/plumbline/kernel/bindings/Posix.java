package io.plumbline.kernel.bindings;

import jnr.constants.platform.Sysconf;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** Facts about this process and its C library, by jnr-posix. Asked once, at the start. */
public final class Posix {

    private final POSIX posix = POSIXFactory.getNativePOSIX();

    /** geteuid(2) */
    public long effectiveUser() {
        return posix.geteuid() & 0xffffffffL;
    }

    /** sysconf(_SC_CLK_TCK): ticks a second of every time in {@code /proc/<pid>/stat}. */
    public long ticksPerSecond() {
        return posix.sysconf(Sysconf._SC_CLK_TCK);
    }
}
