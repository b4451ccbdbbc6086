package io.plumbline.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Standard output that does not keep to itself that it is full: {@link System#out} forgets what went wrong, and a report that was cut off
 * would end with the exit status of a whole one.
 *
 * <p>A reader that has gone has had what it wanted, as {@code head} does: the rest is dropped, and nothing is wrong.
 */
final class StandardOutput extends OutputStream {

    private final OutputStream out;
    private boolean alone;

    StandardOutput(OutputStream out) {
        this.out = out;
    }

    /** For the commands, whose output is ASCII. */
    static PrintWriter writer() {
        return writer(new FileOutputStream(FileDescriptor.out));
    }

    static PrintWriter writer(OutputStream out) {
        return new PrintWriter(new BufferedOutputStream(new StandardOutput(out)), false, StandardCharsets.UTF_8);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (alone) {
            return;
        }
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            // Java tells EPIPE from the others by the words of strerror(3) alone.
            alone = "Broken pipe".equals(e.getMessage());
            if (!alone) {
                throw e;
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (!alone) {
            out.flush();
        }
    }
}
