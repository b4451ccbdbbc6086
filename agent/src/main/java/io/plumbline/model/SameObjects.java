package io.plumbline.model;

import java.util.List;

/** Objects that are made anew only if something changed: what is the same object is as it was, and no look into it is needed. */
public final class SameObjects {

    private SameObjects() {}

    /** Both hold the same objects, not only equal ones, in the same order. */
    @SuppressWarnings("ReferenceEquality") // which is the question
    public static boolean areIn(List<?> before, List<?> now) {
        if (before.size() != now.size()) {
            return false;
        }
        for (int i = 0; i < before.size(); i++) {
            if (before.get(i) != now.get(i)) {
                return false;
            }
        }
        return true;
    }
}
