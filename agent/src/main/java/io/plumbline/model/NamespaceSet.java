package io.plumbline.model;

import java.util.EnumMap;
import java.util.Map;

/**
 * The namespaces that a process is in: for each kind the inode behind {@code /proc/<pid>/ns/<kind>}, see namespaces(7).
 *
 * @param inodes a reading for every kind
 */
public record NamespaceSet(Map<NamespaceType, Reading<Long>> inodes) {

    public NamespaceSet {
        var copy = new EnumMap<NamespaceType, Reading<Long>>(NamespaceType.class);
        for (NamespaceType type : NamespaceType.values()) {
            Reading<Long> reading = inodes.get(type);
            copy.put(type, reading == null ? new Reading.Absent<>("ns/" + type.link()) : reading);
        }
        inodes = java.util.Collections.unmodifiableMap(copy);
    }

    /** The inode of one namespace. */
    public Reading<Long> inode(NamespaceType type) {
        Reading<Long> reading = inodes.get(type);
        return reading == null ? new Reading.Absent<>("ns/" + type.link()) : reading;
    }

    /** Is this namespace observed, and this one? */
    public boolean isIn(NamespaceType type, long inode) {
        return inode(type) instanceof Reading.Observed<Long> seen && seen.value() == inode;
    }
}
