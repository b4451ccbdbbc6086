package io.plumbline.apparmor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The text of one or more profiles, and where it came from. */
public final class ProfileSource {

    /** What a file's name ends with that holds bane's TOML. */
    private static final String BANE_ENDING = ".toml";

    private final String origin;
    private final byte[] bytes;
    private final boolean bane;
    private final Mode mode;

    /** In which mode its profiles are to be. */
    public enum Mode {
        /** As the text says. */
        OF_TEXT,
        /** All in enforce mode; a text that says otherwise is refused. */
        ENFORCE,
        /** All in complain mode, whatever the text says. */
        COMPLAIN
    }

    private ProfileSource(String origin, byte[] bytes, boolean bane, Mode mode) {
        this.origin = origin;
        this.bytes = bytes;
        this.bane = bane;
        this.mode = mode;
    }

    /**
     * A file.
     *
     * @param origin its name, for a person; what it ends with says which language it is in
     * @param bytes not to be changed afterwards
     */
    public static ProfileSource of(String origin, byte[] bytes) {
        return new ProfileSource(origin, bytes, origin.endsWith(BANE_ENDING), Mode.OF_TEXT);
    }

    /**
     * A text that is in no file.
     *
     * @param origin where it is from, for a person
     * @param bane in bane's TOML; else in AppArmor's own language
     */
    public static ProfileSource of(String origin, String text, boolean bane, Mode mode) {
        return new ProfileSource(origin, text.getBytes(StandardCharsets.UTF_8), bane, mode);
    }

    /** Where it is from, for a person: the file. */
    public String origin() {
        return origin;
    }

    /** Bane's TOML; else AppArmor's own language. */
    public boolean isBane() {
        return bane;
    }

    public Mode mode() {
        return mode;
    }

    /** The text; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** Would give the same policy. */
    boolean isSame(ProfileSource other) {
        return bane == other.bane && mode == other.mode && Arrays.equals(bytes, other.bytes);
    }
}
