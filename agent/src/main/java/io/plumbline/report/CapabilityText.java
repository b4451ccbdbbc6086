package io.plumbline.report;

import io.plumbline.model.CapabilitySet;

/** A capability set in few words. */
final class CapabilityText {

    private CapabilityText() {}

    static String of(CapabilitySet set) {
        return set + " (" + set.size() + " capabilities)";
    }
}
