package io.plumbline.report;

import io.plumbline.model.Severity;

/** Colour for a terminal that wants it. */
public enum Paint {
    ON,
    OFF;

    private static final String RESET = "\u001b[0m";

    String severity(Severity severity, String text) {
        return switch (severity) {
            case CRITICAL -> code("1;31", text);
            case HIGH -> code("31", text);
            case MEDIUM -> code("33", text);
            case LOW, INFO -> code("36", text);
        };
    }

    String heading(String text) {
        return code("1", text);
    }

    private String code(String code, String text) {
        return this == ON ? "\u001b[" + code + "m" + text + RESET : text;
    }
}
