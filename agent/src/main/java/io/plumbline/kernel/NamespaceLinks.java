package io.plumbline.kernel;

import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;

/** The links below {@code /proc/<pid>/ns}, see namespaces(7): {@code mnt:[4026531840]}. */
final class NamespaceLinks {

    private static final long UINT_MAX = 0xffffffffL;

    private NamespaceLinks() {}

    /** The inode in a link's text. */
    static Reading<Long> parse(NamespaceType type, Content link) {
        Cursor all = link.cursor();
        if (!all.skip(type.link()) || !all.skip(":[")) {
            return link.malformed();
        }
        long inode = all.decimal(UINT_MAX);
        return inode != Cursor.NONE && all.skip("]") && all.atEnd() ? Reading.of(inode) : link.malformed();
    }
}
