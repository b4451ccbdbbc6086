package io.plumbline.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Cuts bytes into lines, each byte one character. What a line has beyond its longest is left out, so that no writer can make it large; a
 * line without its end waits for the rest.
 */
final class LineCutter {

    private final byte[] line;
    private int length;

    /** @param longest in bytes, without its end */
    LineCutter(int longest) {
        this.line = new byte[longest];
    }

    void feed(ByteBuffer bytes, Consumer<String> lines) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                lines.accept(new String(line, 0, length, StandardCharsets.ISO_8859_1));
                length = 0;
            } else if (length < line.length) {
                line[length++] = next;
            }
        }
    }

    /** What comes next is of another file. */
    void begin() {
        length = 0;
    }
}
