package io.plumbline.kernel;

import io.plumbline.model.Reading;

/** {@code /proc/sys/kernel/cap_last_cap}, see capabilities(7): the bit of the last capability that this kernel knows. */
final class CapLastCap {

    private CapLastCap() {}

    static Reading<Integer> parse(Content file) {
        long bit = file.cursor().until('\n').onlyDecimal(Long.SIZE - 1);
        return bit == Cursor.NONE ? file.malformed() : Reading.of((int) bit);
    }
}
