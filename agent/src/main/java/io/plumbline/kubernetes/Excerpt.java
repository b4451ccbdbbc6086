package io.plumbline.kubernetes;

import java.nio.charset.StandardCharsets;

/** What others wrote, made fit for one line of a message: escaped, and cut. */
final class Excerpt {

    private static final int LIMIT = 200;

    private Excerpt() {}

    /**
     * The text in quotes. Control and format characters (terminal escapes, line ends, bidirectional overrides) and whatever is
     * no character appear as {@code \}{@code uXXXX}; what is longer than 200 characters ends in three dots.
     */
    static String of(String text) {
        StringBuilder line = new StringBuilder("'");
        boolean cut = text.length() > LIMIT;
        String shown = cut ? text.substring(0, LIMIT) : text;
        shown.codePoints().forEach(c -> append(line, c));
        return line.append(cut ? "..." : "").append('\'').toString();
    }

    /** The beginning of a body, as if it were text. */
    static String of(byte[] bytes) {
        return of(new String(bytes, 0, Math.min(bytes.length, LIMIT + 1), StandardCharsets.UTF_8));
    }

    /** The text on one line: escaped as above, neither quoted nor cut. */
    static String line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(line, c));
        return line.toString();
    }

    private static void append(StringBuilder line, int c) {
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> {
                if (isShown(c)) {
                    line.appendCodePoint(c);
                } else if (Character.isBmpCodePoint(c)) {
                    line.append(String.format("\\u%04x", c));
                } else {
                    line.append(String.format("\\u{%x}", c));
                }
            }
        }
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
