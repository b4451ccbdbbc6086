package io.plumbline.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * AppArmor profiles on this node: those that are wanted, and what the kernel holds.
 *
 * @param directory where wanted profiles come from; empty where none was named
 * @param parser version of the parser that compiles them; absent or unreadable where there is none
 * @param profiles wanted ones first, then by name
 * @param trouble why this says nothing, or not all
 * @param isWhole nothing beside the wanted ones is wanted, as all who can want something have said; false as long as one has not
 */
public record AppArmorProfiles(
        Optional<String> directory,
        Reading<String> parser,
        List<Profile> profiles,
        List<ProfileError> trouble,
        boolean isWhole) {

    /** Nobody looked. */
    public static final AppArmorProfiles NONE = new AppArmorProfiles(
            Optional.empty(), new Reading.Absent<>("apparmor_parser"), List.of(), List.of(), false);

    public AppArmorProfiles {
        profiles = List.copyOf(profiles);
        trouble = List.copyOf(trouble);
    }

    /** How a profile stands. */
    public enum State {
        /** The kernel holds what was written, in the mode that was written. */
        VERIFIED,
        /** The kernel holds a profile of that name; its content could not be compared. */
        UNVERIFIED,
        /** The source is refused: parser, name, or what it would do. */
        REJECTED,
        /** Wanted, and not in the kernel. */
        MISSING,
        /** Other content than what was written is in the kernel. */
        CONTENT,
        /** Another mode. */
        MODE,
        /** The name is taken by a profile that somebody else loaded. */
        FOREIGN,
        /** Loaded by somebody else, and not wanted from here. */
        OTHER;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One profile.
     *
     * @param name the source's file where a rejected source does not tell a name
     * @param source where its text came from; empty where it is not from here
     * @param wantedMode as compiled; empty where nothing is wanted
     * @param mode in the kernel; empty where it is not there
     * @param wantedHash of what was written, or is to be; empty where nothing is wanted
     * @param hash of what the kernel holds
     * @param ours this agent loaded it
     * @param removing to be removed when nobody uses it
     * @param learned how many {@code //null-} profiles grew below it in complain mode
     * @param users who has a process under it: containers in words, {@code host} for the node's own
     * @param processes how many processes
     * @param events what the log shows of it since it was loaded; absent where nobody looked, or it is not there
     * @param errors why it is rejected, or could not be loaded
     * @param warnings what is unwise about it
     */
    public record Profile(
            String name,
            State state,
            Optional<String> source,
            Optional<String> wantedMode,
            Optional<String> mode,
            Optional<String> wantedHash,
            Reading<String> hash,
            boolean ours,
            boolean removing,
            int learned,
            List<String> users,
            int processes,
            Reading<ProfileEvents> events,
            List<ProfileError> errors,
            List<ProfileError> warnings) {
        public Profile {
            users = List.copyOf(users);
            errors = List.copyOf(errors);
            warnings = List.copyOf(warnings);
        }

        /** Somebody here wants it. */
        public boolean isWanted() {
            return state != State.OTHER;
        }
    }
}
