package io.plumbline.model;

import java.util.stream.LongStream;

/**
 * The four user or group ids of a process, see credentials(7); unsigned 32-bit numbers, as the reader's user namespace sees them.
 */
public record Ids(long real, long effective, long saved, long fileSystem) {

    /** Does any of the four equal this id? */
    public boolean any(long id) {
        return real == id || effective == id || saved == id || fileSystem == id;
    }

    public LongStream stream() {
        return LongStream.of(real, effective, saved, fileSystem);
    }
}
