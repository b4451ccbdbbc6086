package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.OptionalInt;

/** Where this process writes to: is it a terminal, and how wide? See ioctl_tty(2). */
public enum StandardStream {
    OUTPUT(1),
    ERROR(2);

    private final int descriptor;

    StandardStream(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Does somebody watch? */
    public boolean isTerminal() {
        return widthOfTerminal(descriptor) >= 0;
    }

    /** Columns of the terminal; empty where it is none, or does not say. */
    public OptionalInt columns() {
        int width = widthOfTerminal(descriptor);
        return width > 0 ? OptionalInt.of(width) : OptionalInt.empty();
    }

    /** Negative where it is none, or where no system call can be made: that is for those to tell who need one. */
    private static int widthOfTerminal(int descriptor) {
        try (Memory window = new Memory(4 * Short.BYTES)) { // struct winsize: rows, columns, and both in pixels
            window.clear();
            int status = Libc.ioctl(descriptor, Libc.TIOCGWINSZ, Pointer.nativeValue(window));
            int columns = window.getShort(Short.BYTES) & 0xffff;
            return status == 0 ? columns : -1;
        } catch (LinkageError e) {
            return -1;
        }
    }
}
