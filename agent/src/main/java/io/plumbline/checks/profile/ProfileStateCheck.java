package io.plumbline.checks.profile;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ProfileCheck;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.Cause;
import io.plumbline.model.Evidence;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProfileError;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** A check that finds every profile in a certain state. */
final class ProfileStateCheck implements ProfileCheck {

    private static final int ERRORS_SHOWN = 10;

    private final CheckDescription description;
    private final Severity severity;
    private final Cause cause;
    private final Predicate<Profile> broken;
    private final Function<Profile, String> message;

    ProfileStateCheck(
            CheckDescription description,
            Severity severity,
            Cause cause,
            Predicate<Profile> broken,
            Function<Profile, String> message) {
        this.description = description;
        this.severity = severity;
        this.cause = cause;
        this.broken = broken;
        this.message = message;
    }

    @Override
    public CheckDescription description() {
        return description;
    }

    @Override
    public List<JudgedProfile> judge(NodeView node) {
        return node.profiles().profiles().stream()
                .filter(broken)
                .map(profile -> new JudgedProfile(profile.name(), verdict(profile)))
                .toList();
    }

    private Verdict verdict(Profile profile) {
        List<String> expected = new ArrayList<>();
        profile.wantedMode().ifPresent(expected::add);
        profile.wantedHash().ifPresent(expected::add);
        List<String> effective = new ArrayList<>();
        profile.mode().ifPresent(effective::add);
        profile.hash().observed().ifPresent(effective::add);
        return new Verdict(
                description.id(),
                profile.source().orElse("not from here"),
                expected,
                Optional.empty(),
                effective,
                Optional.of(new Violation(
                        severity,
                        description.title(),
                        message.apply(profile),
                        cause,
                        description.remedy(),
                        List.of(),
                        evidence(profile))),
                List.of());
    }

    private static List<Evidence> evidence(Profile profile) {
        if (!profile.errors().isEmpty()) {
            return profile.errors().stream()
                    .limit(ERRORS_SHOWN)
                    .map(error -> new Evidence(place(error), error.text()))
                    .toList();
        }
        String shown = profile.mode()
                .map(mode -> mode + " " + profile.hash().observed().orElse("without a hash"))
                .orElse("not there");
        return List.of(new Evidence(ProfileChecks.place(profile), shown));
    }

    private static String place(ProfileError error) {
        return error.line() == 0 ? error.file() : error.file() + ":" + error.line() + ":" + error.column();
    }
}
