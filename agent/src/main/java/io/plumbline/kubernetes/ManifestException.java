package io.plumbline.kubernetes;

import java.io.Serial;

/**
 * A manifest could not be read. The message is one line without the manifest's name: the line and column where they are known, what
 * is wrong, what to do. It holds no control characters, whatever the manifest holds.
 */
public final class ManifestException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    ManifestException(String problem) {
        super(Excerpt.line(problem));
    }

    /**
     * @param line from 1 on
     * @param column in characters, from 1 on
     */
    ManifestException(int line, int column, String problem) {
        this("line " + line + ", column " + column + ": " + problem);
    }
}
