package io.plumbline.runtime;

import java.io.File;

/**
 * A directory as it was: names in it that come, go or are renamed over one another change its time, which is what runtimes do to the files
 * of a container. A file that is written in place does not.
 *
 * @param modified in milliseconds since 1970; 0 where there was none
 */
record DirectoryStamp(File directory, long modified) {

    /** Within one tick of a file system's clock more may happen than its time tells. */
    private static final long TICKS_MS = 2_000;

    static DirectoryStamp of(File directory) {
        return new DirectoryStamp(directory, directory.lastModified());
    }

    boolean holds() {
        return directory.lastModified() == modified;
    }

    /** Has it been left alone long enough that its time tells of everything to come? */
    boolean isSettled(long nowMillis) {
        return nowMillis - modified > TICKS_MS;
    }
}
