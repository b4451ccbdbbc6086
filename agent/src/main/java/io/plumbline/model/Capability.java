package io.plumbline.model;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Linux capabilities in the order of {@code include/uapi/linux/capability.h}: the ordinal is the bit. See capabilities(7).
 *
 * <p>A newer kernel may have more; {@link CapabilitySet} keeps their bits and names them {@code CAP_<n>}.
 */
public enum Capability {
    CHOWN,
    DAC_OVERRIDE,
    DAC_READ_SEARCH,
    FOWNER,
    FSETID,
    KILL,
    SETGID,
    SETUID,
    SETPCAP,
    LINUX_IMMUTABLE,
    NET_BIND_SERVICE,
    NET_BROADCAST,
    NET_ADMIN,
    NET_RAW,
    IPC_LOCK,
    IPC_OWNER,
    SYS_MODULE,
    SYS_RAWIO,
    SYS_CHROOT,
    SYS_PTRACE,
    SYS_PACCT,
    SYS_ADMIN,
    SYS_BOOT,
    SYS_NICE,
    SYS_RESOURCE,
    SYS_TIME,
    SYS_TTY_CONFIG,
    MKNOD,
    LEASE,
    AUDIT_WRITE,
    AUDIT_CONTROL,
    SETFCAP,
    MAC_OVERRIDE,
    MAC_ADMIN,
    SYSLOG,
    WAKE_ALARM,
    BLOCK_SUSPEND,
    AUDIT_READ,
    PERFMON,
    BPF,
    CHECKPOINT_RESTORE;

    /** Names are asked for thousands of times in a scan, and {@link #values()} copies. */
    private static final List<Capability> ALL = List.of(values());

    /** The bit of this capability in the kernel's masks. */
    @SuppressWarnings(
            "EnumOrdinal") // the order of the constants is the kernel's ABI, and a test holds it against the header
    public int bit() {
        return ordinal();
    }

    /** The bit of a capability by its name, with or without {@code CAP_}, in any letter case, also {@code CAP_41} for an unknown one. */
    public static OptionalInt bitOf(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
        for (Capability capability : ALL) {
            if (capability.name().equals(bare)) {
                return OptionalInt.of(capability.bit());
            }
        }
        if (bare.length() <= 2 && !bare.isEmpty() && bare.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int bit = Integer.parseInt(bare);
            return bit < Long.SIZE ? OptionalInt.of(bit) : OptionalInt.empty();
        }
        return OptionalInt.empty();
    }

    /** The name of a bit: {@code SYS_ADMIN}, or {@code CAP_<n>} where this list ends. */
    public static String nameOf(int bit) {
        return bit < ALL.size() ? ALL.get(bit).name() : "CAP_" + bit;
    }
}
