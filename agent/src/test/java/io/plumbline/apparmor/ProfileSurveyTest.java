package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.ProfileUse;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was wanted and loaded, against what a captured kernel holds. */
class ProfileSurveyTest {

    /** raw_sha1 of the captured fixture-flip, which is in complain mode. */
    private static final String FLIP = "sha1:e910849da411219751d3829127881d2a27dc796a";

    private static final String OTHER = "sha1:0000000000000000000000000000000000000000";

    @TempDir
    private Path directory;

    private CapturedPolicy node;
    private OwnershipRecord record;
    private ProfileSurvey.EventLog log = ProfileSurvey.EventLog.NONE;

    @BeforeEach
    void captured() throws IOException {
        node = CapturedPolicy.in(Files.createDirectory(directory.resolve("root")));
        record = OwnershipRecord.in(Files.createDirectory(directory.resolve("state")), CapturedPolicy.BOOT);
    }

    @Test
    void whatTheKernelHoldsAsItWasWrittenIsVerified() throws IOException {
        owns("fixture-flip", "complain", FLIP);

        Profile profile = profile("fixture-flip");

        assertThat(profile.state()).isEqualTo(State.VERIFIED);
        assertThat(profile.hash()).isEqualTo(Reading.of(FLIP));
        assertThat(profile.wantedHash()).contains(FLIP);
        assertThat(profile.mode()).contains("complain");
        assertThat(profile.ours()).isTrue();
    }

    @Test
    void otherBytesUnderOurNameAreOtherContent() throws IOException {
        owns("fixture-flip", "complain", OTHER);

        assertThat(profile("fixture-flip").state()).isEqualTo(State.CONTENT);
    }

    @Test
    void aProfileThatWasSetToComplainIsInAnotherMode() throws IOException {
        owns("fixture-flip", "enforce", OTHER);

        assertThat(profile("fixture-flip").state()).isEqualTo(State.MODE);
    }

    @Test
    void whatIsGoneIsMissingAndWhatIsMarkedAndGoneIsNot() throws IOException {
        owns("gone", "enforce", OTHER);
        assertThat(profile("gone").state()).isEqualTo(State.MISSING);

        record.write(List.of(new OwnedProfile("gone", "enforce", List.of(OTHER), List.of(), "file", true, true)));
        assertThat(look().profiles()).extracting(Profile::name).doesNotContain("gone");
    }

    @Test
    void aWantedNameThatSomebodyElseHasIsForeign() throws IOException {
        CompiledSource wanted = Parser.compile("flip", "profile fixture-flip flags=(complain) { signal, }\n");

        AppArmorProfiles seen = survey().look(wanted(wanted), Map.of());

        Profile profile = named(seen, "fixture-flip");
        assertThat(profile.state()).isEqualTo(State.FOREIGN);
        assertThat(profile.ours()).isFalse();
    }

    @Test
    void aRejectedSourceIsThereWithItsErrorsUnderTheLastGoodName() throws IOException {
        owns("fixture-flip", "complain", FLIP);
        CompiledSource broken = Parser.compile("file", "profile fixture-flip { signal\n");

        List<Profile> profiles = survey().look(wanted(broken), Map.of()).profiles();

        assertThat(profiles)
                .filteredOn(profile -> profile.state() == State.REJECTED)
                .singleElement()
                .satisfies(profile -> {
                    assertThat(profile.name()).isEqualTo("fixture-flip");
                    assertThat(profile.errors()).isNotEmpty();
                });
        // The last good one is still there, and still compared.
        assertThat(profiles)
                .anyMatch(profile -> profile.name().equals("fixture-flip") && profile.state() == State.VERIFIED);
    }

    @Test
    void whatIsNotFromHereIsListedAndNotWanted() {
        Profile profile = named(look(), "cri-containerd.apparmor.d");

        assertThat(profile.state()).isEqualTo(State.OTHER);
        assertThat(profile.isWanted()).isFalse();
    }

    @Test
    void withoutTheKernelsCopyNothingIsClaimed() throws IOException {
        owns("fixture-flip", "complain", FLIP);
        node.parameter("export_binary", "N");

        Profile profile = profile("fixture-flip");

        assertThat(profile.state()).isEqualTo(State.UNVERIFIED);
        assertThat(profile.hash().trouble().orElseThrow()).contains("export_binary");
    }

    @Test
    void whoUsesAProfileIsShownWithIt() {
        AppArmorProfiles seen = survey().look(
                        Wanted.nothing(new Reading.Absent<>("apparmor_parser")),
                        Map.of("fixture-outer", new ProfileUse(List.of("shop/a (container b)"), 3)));

        assertThat(named(seen, "fixture-outer").users()).containsExactly("shop/a (container b)");
        assertThat(named(seen, "fixture-outer").processes()).isEqualTo(3);
    }

    @Test
    void whatWasLoadedInAnotherBootIsNotOurs() throws IOException {
        OwnershipRecord.in(directory.resolve("state"), "another-boot")
                .write(List.of(
                        new OwnedProfile("fixture-flip", "complain", List.of(FLIP), List.of(), "file", false, false)));

        assertThat(profile("fixture-flip").state()).isEqualTo(State.OTHER);
    }

    @Test
    void aDamagedRecordIsSaidAndNothingIsTakenForOurs() throws IOException {
        owns("fixture-flip", "complain", FLIP);
        Files.writeString(directory.resolve("state/profiles.json"), "{\"version\": 1, \"boot\"");

        AppArmorProfiles seen = look();

        assertThat(seen.trouble())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("damaged"));
        assertThat(named(seen, "fixture-flip").state()).isEqualTo(State.OTHER);
    }

    @Test
    void withoutAppArmorWantedProfilesAreMissing() throws IOException {
        node.parameter("enabled", "N");
        CompiledSource wanted = Parser.compile("x", "profile x { signal, }\n");

        assertThat(named(survey().look(wanted(wanted), Map.of()), "x").state()).isEqualTo(State.MISSING);
    }

    @Test
    void whatTheLogTellsOfALoadedProfileStandsWithIt() throws IOException {
        Reading<ProfileEvents> seen = Reading.of(new ProfileEvents("/dev/kmsg", Instant.EPOCH, 2, 1, true, List.of()));
        log = names -> {
            assertThat(names).contains("fixture-flip").noneMatch(name -> name.contains("//"));
            return Map.of("fixture-flip", seen);
        };

        assertThat(profile("fixture-flip").events()).isEqualTo(seen);
        CompiledSource wanted = Parser.compile("x", "profile x { signal, }\n");
        assertThat(named(survey().look(wanted(wanted), Map.of()), "x").events()).isInstanceOf(Reading.Absent.class);
    }

    private void owns(String name, String mode, String hash) throws IOException {
        record.write(List.of(new OwnedProfile(name, mode, List.of(hash), List.of(), "file", false, false)));
    }

    private ProfileSurvey survey() {
        return new ProfileSurvey(node.kernel(), Optional.of(record), log);
    }

    private AppArmorProfiles look() {
        return survey().look(Wanted.nothing(new Reading.Absent<>("apparmor_parser")), Map.of());
    }

    private Profile profile(String name) {
        return named(look(), name);
    }

    private static Profile named(AppArmorProfiles profiles, String name) {
        return profiles.profiles().stream()
                .filter(profile -> profile.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Wanted wanted(CompiledSource... sources) {
        return new Wanted(Optional.of("profiles"), Reading.of("3"), List.of(sources), Map.of(), List.of(), true);
    }
}
