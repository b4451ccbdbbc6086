package io.plumbline.model;

/** Why a container differs from its spec; the word is a label. */
public enum Cause {
    /** The runtime was already told something else than the spec: its configuration, NRI, a hook, a mutating admission. */
    GRANTED_BY_RUNTIME("granted-by-runtime"),
    /** The runtime was told what the spec says; it changed after the start. */
    AFTER_START("after-start"),
    /** No bundle could be read that would tell. */
    NOT_EXPLAINED_BY_SPEC("not-explained-by-spec"),
    PRIVILEGED("privileged"),
    ANNOTATION_IGNORED("annotation-ignored"),
    APPARMOR_OFF("apparmor-off"),
    PARSER_MISSING("parser-missing"),
    PROFILE_NOT_LOADED("profile-not-loaded"),
    /** The profile was unloaded while the process ran: loading it again does not help, only a new pod does. */
    DETACHED("detached"),
    COMPLAIN("complain"),
    OTHER_PROFILE("other-profile"),
    /** A group that the image's own /etc/group gives. */
    FROM_IMAGE("from-image");

    private final String word;

    Cause(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
