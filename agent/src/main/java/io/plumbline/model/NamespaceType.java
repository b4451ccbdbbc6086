package io.plumbline.model;

import java.util.Locale;
import java.util.Optional;

/**
 * The namespaces of namespaces(7), with the inode that the kernel gives the first of each kind where that is a constant. Without that of
 * time: no pod can ask for one, and clocks that are set off give no power over the node.
 */
public enum NamespaceType {
    CGROUP(4026531835L),
    IPC(4026531839L),
    MNT(0),
    NET(0),
    PID(4026531836L),
    USER(4026531837L),
    UTS(4026531838L);

    private final long initialInode;
    private final String link = name().toLowerCase(Locale.ROOT);

    NamespaceType(long initialInode) {
        this.initialInode = initialInode;
    }

    /** The initial namespace's inode, {@code include/linux/proc_ns.h}; empty for net and mnt, which have none on all kernels. */
    public Optional<Long> initialInode() {
        return initialInode == 0 ? Optional.empty() : Optional.of(initialInode);
    }

    /**
     * Can a thread be in another one than its process's leader? The kernel moves into another user namespace only who has no other threads,
     * and into another pid namespace only children, see setns(2).
     */
    public boolean isOfThread() {
        return this != PID && this != USER;
    }

    /** The name of the link below {@code /proc/<pid>/ns}. */
    public String link() {
        return link;
    }
}
