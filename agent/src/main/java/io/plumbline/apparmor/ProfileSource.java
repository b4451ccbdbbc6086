package io.plumbline.apparmor;

/** The text of one or more profiles, and where it came from. */
public final class ProfileSource {

    /** What a file's name ends with that holds bane's TOML. */
    private static final String BANE_ENDING = ".toml";

    private final String origin;
    private final byte[] bytes;

    private ProfileSource(String origin, byte[] bytes) {
        this.origin = origin;
        this.bytes = bytes;
    }

    /**
     * A source.
     *
     * @param origin the file, for a person; what its name ends with says which language it is in
     * @param bytes not to be changed afterwards
     */
    public static ProfileSource of(String origin, byte[] bytes) {
        return new ProfileSource(origin, bytes);
    }

    /** The file, for a person. */
    public String origin() {
        return origin;
    }

    /** Bane's TOML; else AppArmor's own language. */
    public boolean isBane() {
        return origin.endsWith(BANE_ENDING);
    }

    /** The text; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }
}
