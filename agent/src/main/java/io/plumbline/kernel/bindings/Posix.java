package io.plumbline.kernel.bindings;

import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** Who this process is, by jnr-posix. Loading it takes some 50 ms of CPU: what each start asks, the kernel's files and JNA answer. */
public final class Posix {

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
}
