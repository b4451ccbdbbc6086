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
    /** Somebody put something else in the place of what was loaded. */
    REPLACED("replaced"),
    /** Somebody else loaded it. */
    FOREIGN("foreign"),
    /** Its source is wrong. */
    REJECTED("rejected"),
    /** A group that the image's own /etc/group gives. */
    FROM_IMAGE("from-image"),
    PRIVILEGED_SECCOMP("privileged-seccomp"),
    PRIVILEGED_CAPABILITIES("privileged-capabilities-drop"),
    PRIVILEGED_APPARMOR("privileged-apparmor"),
    /** allowPrivilegeEscalation: false of a container that has all there is to escalate to. */
    ESCALATION_POINTLESS("escalation-pointless"),
    /** A capability for a user other than root, without ambient set or file capabilities. */
    CAPABILITY_NOT_HELD("capability-not-held"),
    /** A capability by a name with {@code CAP_}, under a runtime that puts that in front of each name. */
    CAPABILITY_PREFIX("capability-prefix"),
    ANNOTATION_CONTRADICTS("annotation-contradicts-field"),
    NETWORK_POLICY_UNENFORCED("network-policy-unenforced"),
    /** A read-only root beside the host's whole tree, writable. */
    HOST_ROOT_WRITABLE("host-root-writable"),
    FS_GROUP_IGNORED("fs-group-ignored"),
    /** runAsNonRoot with a user that is root: the kubelet refuses to start it. */
    NEVER_STARTS("never-starts"),
    /** The node is configured so. */
    CONFIGURATION("configuration"),
    /** A policy asks for something else. */
    POLICY("policy");

    private final String word;

    Cause(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
