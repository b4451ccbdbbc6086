package io.plumbline.checks.policy;

import java.util.Locale;
import java.util.Optional;

/** How much the standards ask, least first. */
public enum PodSecurityLevel {
    /** Nothing. */
    PRIVILEGED,
    /** No known way to more privileges. */
    BASELINE,
    /** Baseline and the current practice of hardening. */
    RESTRICTED;

    /** As in a namespace's label and on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<PodSecurityLevel> ofWord(String word) {
        for (PodSecurityLevel level : values()) {
            if (level.word().equals(word)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }
}
