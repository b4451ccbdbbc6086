package io.plumbline.model;

import java.util.Locale;

/** What kind of statement a finding is. */
public enum FindingKind {
    /** The kernel allows more than the spec promises. */
    DRIFT,
    /** The container violates the policy in force. */
    POLICY,
    /** The spec asks for something that has no effect here. */
    INERT,
    /** About the node itself. */
    NODE,
    /** About an AppArmor profile. */
    PROFILE;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
