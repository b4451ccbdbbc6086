package io.plumbline.report;

/** Text that somebody else chose, made fit for a terminal: no control character reaches it, nor any that turns or hides text. */
public final class Printable {

    private Printable() {}

    /** Every character outside of printable ASCII as an escape, so that the text stays one line and says what it is. */
    public static String of(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point >= ' ' && point < 0x7f) {
                printable.appendCodePoint(point);
            } else if (point == '\n') {
                printable.append("\\n");
            } else if (point == '\t') {
                printable.append("\\t");
            } else if (point < 0x100) {
                printable.append(String.format("\\x%02x", point));
            } else {
                printable.append(String.format(point > 0xffff ? "\\U%08x" : "\\u%04x", point));
            }
        });
        return printable.toString();
    }
}
