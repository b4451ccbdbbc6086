package io.plumbline.kubernetes;

import java.util.Optional;

/** The documents of one text, one after the other. */
interface Documents {

    /** Values in one document, aliases followed: beyond that it is no manifest. */
    int MAX_VALUES = 1_000_000;

    /** Deeper than any object of the API. */
    int MAX_DEPTH = 100;

    /** The next document; empty at the end. After an exception there is no next one. */
    Optional<ManifestValue> next() throws ManifestException;

    static ManifestException tooDeep(int line, int column) {
        return new ManifestException(line, column, "nested deeper than " + MAX_DEPTH + " levels");
    }

    static ManifestException tooMany(int line, int column, String why) {
        return new ManifestException(
                line, column, String.format("%s this document more than %,d values large; split it", why, MAX_VALUES));
    }
}
