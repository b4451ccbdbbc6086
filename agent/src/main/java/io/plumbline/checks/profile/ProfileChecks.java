package io.plumbline.checks.profile;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ProfileCheck;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.Cause;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Severity;
import java.util.List;

/** All checks about profiles. */
public final class ProfileChecks {

    private static final String POLICY = "/sys/kernel/security/apparmor/policy/profiles";

    private ProfileChecks() {}

    /** In the order in which people read them. */
    public static List<ProfileCheck> all() {
        return List.of(missing(), content(), mode(), foreign(), rejected(), learning());
    }

    private static ProfileCheck missing() {
        return new ProfileStateCheck(
                description(
                        "profile-missing",
                        Severity.HIGH,
                        "AppArmor profile is not in the kernel",
                        "Every profile that is wanted on this node is in its kernel.",
                        "/sys/kernel/security/apparmor/profiles, against the profiles that were distributed or loaded",
                        "Who unloaded it, or why could it not be loaded? plumbline serve loads it again; containers that ran"
                                + " under it when it went stay unconfined until their pod is deleted."),
                Severity.HIGH,
                Cause.PROFILE_NOT_LOADED,
                profile -> profile.state() == State.MISSING && !profile.removing(),
                profile -> profile.errors().isEmpty()
                        ? "profile " + profile.name() + " is wanted and not in the kernel"
                        : "profile " + profile.name() + " could not be loaded: "
                                + profile.errors().get(0).text());
    }

    private static ProfileCheck content() {
        return new ProfileStateCheck(
                description(
                        "profile-content",
                        Severity.HIGH,
                        "AppArmor profile in the kernel is not the one that was loaded",
                        "What the kernel holds under the name of a profile of ours is, byte for byte, what was written.",
                        POLICY + "/*/raw_sha256 (or raw_sha1), against the hash of what was written",
                        "Find who replaced it; plumbline apparmor load --take-over puts the right one in its place."),
                Severity.HIGH,
                Cause.REPLACED,
                profile -> profile.state() == State.CONTENT,
                profile -> "profile " + profile.name() + " in the kernel has other content than what was loaded");
    }

    private static ProfileCheck mode() {
        return new ProfileStateCheck(
                description(
                        "profile-mode",
                        Severity.HIGH,
                        "AppArmor profile is in another mode than it was loaded in",
                        "A profile of ours is in the mode that it was written in.",
                        POLICY + "/*/mode, against the mode in what was written",
                        "Find who changed it (aa-complain, aa-disable); plumbline apparmor load --take-over puts it right."),
                Severity.HIGH,
                Cause.REPLACED,
                profile -> profile.state() == State.MODE,
                profile -> "profile " + profile.name() + " is in mode "
                        + profile.mode().orElse("none") + " instead of "
                        + profile.wantedMode().orElse("enforce"));
    }

    private static ProfileCheck foreign() {
        return new ProfileStateCheck(
                description(
                        "profile-foreign",
                        Severity.MEDIUM,
                        "AppArmor profile's name is taken by another one",
                        "No profile that is wanted here has the name of one that somebody else has loaded.",
                        POLICY
                                + "/*/raw_sha256 (or raw_sha1), against what was distributed and the record of what was loaded",
                        "Give one of the two another name, or let plumbline apparmor load --take-over replace the other."),
                Severity.MEDIUM,
                Cause.FOREIGN,
                profile -> profile.state() == State.FOREIGN,
                profile ->
                        "profile " + profile.name() + " is wanted, and the kernel holds another one of that name that"
                                + " somebody else has loaded");
    }

    private static ProfileCheck rejected() {
        return new ProfileStateCheck(
                description(
                        "profile-rejected",
                        Severity.MEDIUM,
                        "AppArmor profile's source is refused",
                        "Every source of profiles compiles, and may be loaded.",
                        "The source, by apparmor_parser and by the rules for names",
                        "Put the source right; plumbline apparmor check FILE says the same before it is distributed."
                                + " The last good version stays loaded."),
                Severity.MEDIUM,
                Cause.REJECTED,
                profile -> profile.state() == State.REJECTED,
                profile -> profile.errors().isEmpty()
                        ? profile.name() + " is refused"
                        : profile.errors().get(0).toString());
    }

    private static ProfileCheck learning() {
        return new ProfileStateCheck(
                description(
                        "profile-learning",
                        Severity.INFO,
                        "AppArmor profile in complain mode has grown profiles of its own",
                        "No profile has //null- children, which the kernel makes for programs that a complaining profile does"
                                + " not allow.",
                        "/sys/kernel/security/apparmor/profiles",
                        "Add rules for these programs, then load the profile in enforce mode."),
                Severity.INFO,
                Cause.COMPLAIN,
                profile -> profile.learned() > 0,
                profile -> profile.learned() + (profile.learned() == 1 ? " profile has" : " profiles have")
                        + " grown below " + profile.name());
    }

    private static CheckDescription description(
            String id, Severity severity, String title, String promise, String reads, String remedy) {
        return new CheckDescription(id, FindingKind.PROFILE, severity.word(), title, promise, reads, remedy);
    }

    /** Where the kernel shows a profile. */
    static String place(Profile profile) {
        return POLICY + "/" + profile.name();
    }
}
