package io.plumbline.kubernetes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Short texts that come again, in one answer and in the next: found by their characters, so that those that are known cost no memory,
 * and neither does that they are there.
 *
 * <p>What stands in a pod is chosen by others. Hence there is room for so many and no more, and a text that does not find a place within
 * a few steps is made anew each time.
 */
final class Texts {

    /** A container id with its scheme, an image by its digest. */
    private static final int LONGEST = 128;

    private static final int PLACES = 1 << 13;
    private static final int STEPS = 8;

    /** Empty where there is room. */
    private final List<Optional<String>> known = new ArrayList<>(Collections.nCopies(PLACES, Optional.empty()));

    /** The text of these characters; never empty. */
    Optional<String> of(char[] characters, int offset, int length) {
        if (length > LONGEST) {
            return Optional.of(new String(characters, offset, length));
        }
        int hash = 0;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + characters[i];
        }
        int place = hash ^ (hash >>> 16);
        for (int step = 0; step < STEPS; step++) {
            Optional<String> text = known.get((place + step) & (PLACES - 1));
            if (text.isEmpty()) {
                return kept(place + step, new String(characters, offset, length));
            }
            if (isSame(text.get(), characters, offset, length)) {
                return text;
            }
        }
        // The first place goes to who came last: what is not used any more does not stay for ever.
        return kept(place, new String(characters, offset, length));
    }

    private Optional<String> kept(int place, String text) {
        Optional<String> kept = Optional.of(text);
        known.set(place & (PLACES - 1), kept);
        return kept;
    }

    private static boolean isSame(String text, char[] characters, int offset, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != characters[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
