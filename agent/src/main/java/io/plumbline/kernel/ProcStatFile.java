package io.plumbline.kernel;

import io.plumbline.model.Reading;
import java.time.Instant;

/** {@code /proc/stat}, see proc_stat(5): of it the line {@code btime}, boot in seconds since the epoch. */
final class ProcStatFile {

    private static final long FAR = 1L << 40;

    private ProcStatFile() {}

    static Reading<Instant> bootTime(Content file) {
        for (Cursor all = file.cursor(); !all.atEnd(); ) {
            Cursor line = all.until('\n');
            if (line.skip("btime ")) {
                long seconds = line.onlyDecimal(FAR);
                return seconds == Cursor.NONE ? file.malformed() : Reading.of(Instant.ofEpochSecond(seconds));
            }
        }
        return file.malformed("no btime line");
    }
}
