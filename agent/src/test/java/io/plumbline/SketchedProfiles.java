package io.plumbline;

import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.ProfileError;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** AppArmor profiles of a node, as a look at them would have told: one as it was loaded and in use, one gone, one refused, one of others. */
public final class SketchedProfiles {

    private SketchedProfiles() {}

    public static AppArmorProfiles ofANode() {
        return new AppArmorProfiles(
                Optional.of("/profiles"),
                Reading.of("3.0.8"),
                List.of(
                        profile("gone", State.MISSING, Optional.empty(), List.of(), List.of()),
                        profile("web", State.VERIFIED, Optional.of("enforce"), List.of("shop/hardened"), List.of()),
                        profile(
                                "/profiles/<b>wrong</b>",
                                State.REJECTED,
                                Optional.empty(),
                                List.of(),
                                List.of(new ProfileError(
                                        "/profiles/<b>wrong</b>", 3, 14, "unknown capability 'nosuch'"))),
                        profile(
                                "cri-containerd.apparmor.d",
                                State.OTHER,
                                Optional.of("enforce"),
                                List.of(),
                                List.of())),
                List.of(),
                true);
    }

    /** Nothing but these, which are all that is wanted. */
    public static AppArmorProfiles of(Profile... profiles) {
        return new AppArmorProfiles(Optional.of("/profiles"), Reading.of("3.0.8"), List.of(profiles), List.of(), true);
    }

    /** A wanted one in this state. */
    public static Profile profile(String name, State state) {
        return profile(
                name, state, state == State.MISSING ? Optional.empty() : Optional.of("enforce"), List.of(), List.of());
    }

    private static Profile profile(
            String name, State state, Optional<String> mode, List<String> users, List<ProfileError> errors) {
        boolean wanted = state != State.OTHER;
        boolean compiled = wanted && state != State.REJECTED;
        return new Profile(
                name,
                state,
                wanted ? Optional.of("/profiles/" + name) : Optional.empty(),
                compiled ? Optional.of("enforce") : Optional.empty(),
                mode,
                compiled ? Optional.of("sha256:00aa") : Optional.empty(),
                mode.isPresent() ? Reading.of("sha256:00aa") : new Reading.Absent<>("policy/profiles/" + name),
                compiled,
                false,
                0,
                users,
                users.size(),
                events(name),
                errors,
                List.of());
    }

    private static Reading<ProfileEvents> events(String name) {
        return switch (name) {
            case "web" ->
                Reading.of(new ProfileEvents(
                        "/var/log/audit/audit.log", Instant.parse("2026-11-21T10:00:00Z"), 3, 14, true, List.of()));
            case "cri-containerd.apparmor.d" -> new Reading.Unreadable<>("/dev/kmsg", "EPERM");
            default -> new Reading.Absent<>(name);
        };
    }
}
