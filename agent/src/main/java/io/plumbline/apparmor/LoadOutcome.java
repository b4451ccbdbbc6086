package io.plumbline.apparmor;

/**
 * What became of a profile, or of a whole source, that was to be loaded or removed.
 *
 * @param subject the profile's name; the source's origin where there is none
 * @param result what was done
 * @param text one line for a person; empty where the result says all
 */
public record LoadOutcome(String subject, Result result, String text) {

    /** What was done. */
    public enum Result {
        /** It is in the kernel now, and the kernel shows the hash of what was written. */
        LOADED,
        /** It was there already. */
        UNCHANGED,
        REMOVED,
        /** It is in use, and will be removed when it is free. */
        MARKED,
        /** Nothing was done, because it would hurt: the name is somebody else's, the source is wrong. */
        REFUSED,
        /** The kernel, or the disk, would not. */
        FAILED
    }

    public boolean isDone() {
        return result == Result.LOADED || result == Result.UNCHANGED || result == Result.REMOVED;
    }
}
