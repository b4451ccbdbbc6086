package io.plumbline.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * A set of capabilities as the kernel keeps it: one bit each, unknown ones included.
 *
 * @param bits as in {@code CapBnd:} of {@code /proc/<pid>/status}
 */
public record CapabilitySet(long bits) {

    /** No capability at all. */
    public static final CapabilitySet NONE = new CapabilitySet(0);

    /** The set of the named capabilities. */
    public static CapabilitySet of(Capability... capabilities) {
        long bits = 0;
        for (Capability capability : capabilities) {
            bits |= 1L << capability.bit();
        }
        return new CapabilitySet(bits);
    }

    /** The set of the capabilities with these names; a name that no kernel knows adds nothing. */
    public static CapabilitySet named(Collection<String> names) {
        long bits = 0;
        for (String name : names) {
            var bit = Capability.bitOf(name);
            if (bit.isPresent()) {
                bits |= 1L << bit.getAsInt();
            }
        }
        return new CapabilitySet(bits);
    }

    /** Every capability up to the kernel's last one ({@code /proc/sys/kernel/cap_last_cap}). */
    public static CapabilitySet upTo(int lastCapability) {
        return new CapabilitySet(lastCapability >= Long.SIZE - 1 ? -1L : (1L << (lastCapability + 1)) - 1);
    }

    /** What is in either. */
    public CapabilitySet union(CapabilitySet other) {
        return new CapabilitySet(bits | other.bits);
    }

    /** What is in both. */
    public CapabilitySet intersection(CapabilitySet other) {
        return new CapabilitySet(bits & other.bits);
    }

    /** What is here and not there. */
    public CapabilitySet minus(CapabilitySet other) {
        return new CapabilitySet(bits & ~other.bits);
    }

    public boolean contains(Capability capability) {
        return (bits & 1L << capability.bit()) != 0;
    }

    public boolean isEmpty() {
        return bits == 0;
    }

    public int size() {
        return Long.bitCount(bits);
    }

    /** Names in the kernel's order, without {@code CAP_}; a bit without a name is {@code CAP_<n>}. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if ((bits & 1L << bit) != 0) {
                names.add(Capability.nameOf(bit));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(bits);
    }
}
