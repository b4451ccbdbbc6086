package io.plumbline.runtime;

import java.io.Serial;

/**
 * A file is not what its runtime writes. The message says where it differs and never shows the content: a file that a user may
 * replace by a link could hold anything.
 */
final class MalformedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final String where;

    MalformedException(String where) {
        super(where);
        this.where = where;
    }

    /** What is wrong, and where in the file. */
    String where() {
        return where;
    }
}
