package io.plumbline.kernel;

import io.plumbline.model.Reading;
import java.time.Duration;

/** {@code /proc/uptime}, see proc_uptime(5): seconds and hundredths since boot, then idle time. */
final class UptimeFile {

    private static final long FAR = 1L << 40;

    private UptimeFile() {}

    static Reading<Duration> parse(Content file) {
        Cursor all = file.cursor();
        long seconds = all.decimal(FAR);
        if (seconds == Cursor.NONE || !all.skip(".")) {
            return file.malformed();
        }
        int point = all.position();
        long hundredths = all.decimal(99);
        return hundredths == Cursor.NONE || all.position() - point != 2 || all.peek() != ' '
                ? file.malformed()
                : Reading.of(Duration.ofSeconds(seconds).plusMillis(hundredths * 10));
    }
}
