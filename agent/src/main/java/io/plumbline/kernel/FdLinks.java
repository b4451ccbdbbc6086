package io.plumbline.kernel;

import java.util.OptionalLong;

/** The links below {@code /proc/<pid>/fd}, see proc_pid_fd(5): {@code socket:[4026]} names a socket by its inode. */
final class FdLinks {

    private FdLinks() {}

    /** The inode of a socket; empty for any other kind of file. */
    static OptionalLong socket(Content link) {
        Cursor all = link.cursor();
        if (!all.skip("socket:[")) {
            return OptionalLong.empty();
        }
        long inode = all.decimal(Long.MAX_VALUE);
        return inode != Cursor.NONE && all.skip("]") && all.atEnd() ? OptionalLong.of(inode) : OptionalLong.empty();
    }
}
