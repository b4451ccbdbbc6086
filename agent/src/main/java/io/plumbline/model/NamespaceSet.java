package io.plumbline.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The namespaces that a process is in: for each kind the inode behind {@code /proc/<pid>/ns/<kind>}, see namespaces(7).
 *
 * @param inodes a reading for every kind, in the order of {@link NamespaceType}: asked for every process of each scan
 */
public record NamespaceSet(List<Reading<Long>> inodes) {

    private static final NamespaceType[] TYPES = NamespaceType.values();

    public NamespaceSet {
        if (inodes.size() != TYPES.length) {
            throw new IllegalArgumentException(inodes.size() + " kinds of namespaces; there are " + TYPES.length);
        }
        inodes = List.copyOf(inodes);
    }

    /** One whose kind is not among them is absent. */
    public NamespaceSet(Map<NamespaceType, Reading<Long>> readings) {
        this(inOrder(readings));
    }

    private static List<Reading<Long>> inOrder(Map<NamespaceType, Reading<Long>> readings) {
        List<Reading<Long>> inodes = new ArrayList<>(TYPES.length);
        for (NamespaceType type : TYPES) {
            Reading<Long> reading = readings.get(type);
            inodes.add(reading == null ? new Reading.Absent<>("ns/" + type.link()) : reading);
        }
        return inodes;
    }

    /** That of a thread of a process that has this one: what belongs to a thread is read, the rest is the process's. */
    public NamespaceSet ofThread(Function<NamespaceType, Reading<Long>> read) {
        List<Reading<Long>> own = new ArrayList<>(TYPES.length);
        for (NamespaceType type : TYPES) {
            own.add(type.isOfThread() ? read.apply(type) : inode(type));
        }
        return new NamespaceSet(own);
    }

    /** The inode of one namespace. */
    @SuppressWarnings("EnumOrdinal") // this list is in that order
    public Reading<Long> inode(NamespaceType type) {
        return inodes.get(type.ordinal());
    }

    /** Is this namespace observed, and this one? */
    public boolean isIn(NamespaceType type, long inode) {
        return inode(type) instanceof Reading.Observed<Long> seen && seen.value() == inode;
    }
}
