package io.plumbline.kubernetes;

import org.jspecify.annotations.Nullable;

/**
 * Short texts that come again, in one answer and in the next: found by their characters, so that those that are known cost no memory.
 *
 * <p>What stands in a pod is chosen by others. Hence there is room for so many and no more, and a text that does not find a place within
 * a few steps is made anew each time.
 */
final class Texts {

    /** A container id with its scheme, an image by its digest. */
    private static final int LONGEST = 128;

    private static final int PLACES = 1 << 13;
    private static final int STEPS = 8;

    private final @Nullable String[] known = new @Nullable String[PLACES];

    /** The text of these characters. */
    String of(char[] characters, int offset, int length) {
        if (length > LONGEST) {
            return new String(characters, offset, length);
        }
        int hash = 0;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + characters[i];
        }
        int place = hash ^ (hash >>> 16);
        for (int step = 0; step < STEPS; step++) {
            String text = known[(place + step) & (PLACES - 1)];
            if (text == null) {
                return kept(place + step, new String(characters, offset, length));
            }
            if (isSame(text, characters, offset, length)) {
                return text;
            }
        }
        // The first place goes to who came last: what is not used any more does not stay for ever.
        return kept(place, new String(characters, offset, length));
    }

    private String kept(int place, String text) {
        known[place & (PLACES - 1)] = text;
        return text;
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
