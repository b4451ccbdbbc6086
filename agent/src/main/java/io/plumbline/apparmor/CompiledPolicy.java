package io.plumbline.apparmor;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Compiled policy, as apparmor_parser(8) makes it and the kernel unpacks it (security/apparmor/policy_unpack.c): what the kernel will
 * call the profiles stands in here, and nowhere else for sure.
 */
final class CompiledPolicy {

    private final List<Profile> profiles;
    private final byte[] bytes;

    private CompiledPolicy(List<Profile> profiles, byte[] bytes) {
        this.profiles = List.copyOf(profiles);
        this.bytes = bytes;
    }

    /** In their order; a child follows its parent as {@code parent//child}. */
    List<Profile> profiles() {
        return profiles;
    }

    /** What is written to the kernel in one piece; not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * One profile.
     *
     * @param mode {@code enforce}, {@code complain}, {@code kill}, {@code unconfined} or {@code user}
     * @param attaches the kernel puts programs under it by their path, on the whole node
     * @param modeAt where its mode stands, 32 bits
     */
    record Profile(String name, String mode, boolean attaches, int modeAt) {
        boolean isChild() {
            return name.contains("//");
        }
    }

    /** Hex, as the kernel shows it in {@code raw_sha256}. */
    String sha256() {
        return hash("SHA-256");
    }

    /** Hex, as kernels before 6.8 or so show it in {@code raw_sha1}. */
    String sha1() {
        return hash("SHA-1");
    }

    private String hash(String algorithm) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /**
     * Reads the structure.
     *
     * @throws MalformedPolicyException if these bytes are no policy in a form that we know
     */
    static CompiledPolicy read(byte[] bytes) throws MalformedPolicyException {
        return new CompiledPolicy(new Walk(bytes).profiles(), bytes);
    }

    /**
     * The same with profiles in other modes. A mode is one number of a profile, on which nothing else depends; apparmor_parser's own option
     * for it (--Complain) is ignored as soon as it is told the kernel's features (3.0.8).
     *
     * @param modes from a profile's mode to the one that it is to have
     * @throws MalformedPolicyException never, as this was read before
     */
    CompiledPolicy inModes(UnaryOperator<String> modes) throws MalformedPolicyException {
        ByteBuffer changed = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        profiles.forEach(profile -> changed.putInt(profile.modeAt(), MODES.indexOf(modes.apply(profile.mode()))));
        return read(changed.array());
    }

    /** The tags of the format: one byte before every value. */
    private enum Tag {
        U8,
        U16,
        U32,
        U64,
        NAME,
        STRING,
        BLOB,
        STRUCT,
        STRUCT_END,
        LIST,
        LIST_END,
        ARRAY,
        ARRAY_END
    }

    private static final List<String> MODES = List.of("enforce", "complain", "kill", "unconfined", "user");

    private static final class Walk {
        private static final int MOST_PROFILES = 100_000;

        private final ByteBuffer in;
        private final List<Profile> found = new ArrayList<>();

        Walk(byte[] bytes) {
            this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        List<Profile> profiles() throws MalformedPolicyException {
            try {
                while (in.hasRemaining()) {
                    expect(Tag.NAME, "version");
                    number();
                    Optional<String> name = nextName();
                    if (name.equals(Optional.of("namespace"))) {
                        throw new MalformedPolicyException("it is for another policy namespace");
                    }
                    if (!name.equals(Optional.of("profile")) || next() != Tag.STRUCT) {
                        throw new MalformedPolicyException("no profile where one is to begin");
                    }
                    profile();
                    if (found.size() > MOST_PROFILES) {
                        throw new MalformedPolicyException("more than " + MOST_PROFILES + " profiles");
                    }
                }
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                throw new MalformedPolicyException("it ends in the middle of a value");
            }
            return found;
        }

        /** The struct of a profile, its tag read: the name, then fields, of which flags and what attaches it are of interest. */
        private void profile() throws MalformedPolicyException {
            if (next() != Tag.STRING) {
                throw new MalformedPolicyException("a profile without a name");
            }
            String name = text();
            int modeAt = -1;
            boolean attaches = name.startsWith("/");
            int depth = 1;
            String label = "";
            boolean first = true;
            while (depth > 0) {
                Tag tag = next();
                switch (tag) {
                    case NAME -> {
                        label = text();
                        continue;
                    }
                    case STRUCT, LIST -> {
                        if (depth == 1 && label.equals("flags")) {
                            modeAt = flags();
                        }
                        depth++;
                    }
                    case STRUCT_END, LIST_END -> depth--;
                    case BLOB -> {
                        // A table of path names, before anything else in the profile.
                        attaches |= first && depth == 1;
                        skip(tag);
                    }
                    case STRING -> {
                        String value = text();
                        attaches |= depth == 1 && label.equals("attach") && !value.isEmpty();
                    }
                    default -> skip(tag);
                }
                first &= depth == 1 && !label.equals("flags");
                label = "";
            }
            if (modeAt < 0) {
                throw new MalformedPolicyException("a profile without flags");
            }
            found.add(new Profile(name, MODES.get(in.getInt(modeAt)), attaches && !name.contains("//"), modeAt));
        }

        /** The first three numbers of the struct {@code flags}: hat, mode, audit. They are read and stay read; says where the mode is. */
        private int flags() throws MalformedPolicyException {
            number();
            int mode = number();
            int at = in.position() - Integer.BYTES;
            number();
            if (mode < 0 || mode >= MODES.size()) {
                throw new MalformedPolicyException("mode " + mode + " is unknown");
            }
            return at;
        }

        private Optional<String> nextName() {
            return next() == Tag.NAME ? Optional.of(text()) : Optional.empty();
        }

        private void expect(Tag tag, String text) throws MalformedPolicyException {
            if (next() != tag || !text().equals(text)) {
                throw new MalformedPolicyException("no '" + text + "' where it is to be");
            }
        }

        private int number() throws MalformedPolicyException {
            if (next() != Tag.U32) {
                throw new MalformedPolicyException("no number where one is to be");
            }
            return in.getInt();
        }

        private Tag next() {
            int code = in.get();
            Tag[] tags = Tag.values();
            if (code < 0 || code >= tags.length) {
                throw new IllegalArgumentException("tag " + code);
            }
            return tags[code];
        }

        /** Length in 16 bits, with the NUL at its end. */
        private String text() {
            int length = Short.toUnsignedInt(in.getShort());
            byte[] raw = new byte[length];
            in.get(raw);
            int end = length > 0 && raw[length - 1] == 0 ? length - 1 : length;
            return new String(raw, 0, end, StandardCharsets.UTF_8);
        }

        private void skip(Tag tag) {
            int length = switch (tag) {
                case U8 -> 1;
                case U16, ARRAY -> Short.BYTES;
                case U32 -> Integer.BYTES;
                case U64 -> Long.BYTES;
                case BLOB -> in.getInt();
                default -> 0;
            };
            if (length < 0 || length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            in.position(in.position() + length);
        }
    }
}
