package io.plumbline.model;

import java.util.Locale;
import java.util.Optional;

/** How bad a finding is, worst first. */
public enum Severity {
    /** The node is at risk. */
    CRITICAL,
    /** A promise of the spec is broken. */
    HIGH,
    MEDIUM,
    LOW,
    INFO;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** As in JSON and on the command line. */
    public String word() {
        return word;
    }

    /** At least as bad as the other one. */
    public boolean atLeast(Severity other) {
        return compareTo(other) <= 0;
    }

    public static Optional<Severity> ofWord(String word) {
        for (Severity severity : values()) {
            if (severity.word().equals(word)) {
                return Optional.of(severity);
            }
        }
        return Optional.empty();
    }
}
