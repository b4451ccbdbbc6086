package io.plumbline.checks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.findings.Ledger;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.PolicySet;
import io.plumbline.model.ProfileError;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.ScanReport;
import io.plumbline.scan.Evaluation;
import io.plumbline.scan.Policies;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProfileChecksTest {

    @Test
    void eachStateOutOfTrueHasItsFindingAndTheOthersHaveNone() {
        for (Map.Entry<State, String> expected : Map.of(
                        State.MISSING, "profile-missing",
                        State.CONTENT, "profile-content",
                        State.MODE, "profile-mode",
                        State.FOREIGN, "profile-foreign",
                        State.REJECTED, "profile-rejected")
                .entrySet()) {
            assertThat(findings(profile("web", expected.getKey())))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.kind()).isEqualTo(FindingKind.PROFILE);
                        assertThat(finding.check()).isEqualTo(expected.getValue());
                        assertThat(finding.profile()).contains("web");
                        assertThat(finding.subject()).isEqualTo("profile web");
                        assertThat(finding.message()).isNotEmpty();
                        assertThat(finding.evidence()).isNotEmpty();
                    });
        }
        assertThat(findings(profile("a", State.VERIFIED), profile("b", State.OTHER), profile("c", State.UNVERIFIED)))
                .isEmpty();
    }

    @Test
    void profilesOfOneStateAreFindingsOfTheirOwnWithStableNames() {
        List<Finding> once = findings(profile("a", State.MISSING), profile("b", State.MISSING));
        List<Finding> again = findings(profile("b", State.MISSING), profile("a", State.MISSING));

        assertThat(once).extracting(Finding::id).doesNotHaveDuplicates().hasSize(2);
        assertThat(again)
                .extracting(Finding::id)
                .containsExactlyInAnyOrderElementsOf(
                        once.stream().map(Finding::id).toList());
    }

    @Test
    void aRejectedSourceShowsThePlaceOfItsError() {
        Profile rejected = new Profile(
                "web",
                State.REJECTED,
                Optional.of("/profiles/web"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Reading.Absent<>("x"),
                false,
                false,
                0,
                List.of(),
                0,
                new Reading.Absent<>("log"),
                List.of(new ProfileError("/profiles/web", 3, 14, "Invalid capability nosuch.")),
                List.of());

        Finding finding = findings(rejected).get(0);

        assertThat(finding.message()).isEqualTo("/profiles/web:3:14: Invalid capability nosuch.");
        assertThat(finding.evidence().get(0).source()).isEqualTo("/profiles/web:3:14");
    }

    @Test
    void whatIsBeingRemovedIsNotMissed() {
        Profile removing = new Profile(
                "web",
                State.MISSING,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Reading.Absent<>("x"),
                true,
                true,
                0,
                List.of(),
                0,
                new Reading.Absent<>("log"),
                List.of(),
                List.of());

        assertThat(findings(removing)).isEmpty();
    }

    @Test
    void aProfilesFindingOpensWithTheFirstScanThatShowsIt() {
        Ledger.Step step = Ledger.empty().step(report(Nodes.node(), profiles(profile("a", State.MISSING))), Set.of());

        assertThat(step.opened()).hasSize(1);
        Ledger.Step next = step.next().step(report(Nodes.node(), profiles(profile("a", State.VERIFIED))), Set.of());
        assertThat(next.closed()).hasSize(1);
    }

    private static List<Finding> findings(Profile... profiles) {
        return report(Nodes.node().appArmor(Reading.of(true)), profiles(profiles))
                .findings();
    }

    private static ScanReport report(Nodes node, AppArmorProfiles profiles) {
        return new Evaluation()
                .of(
                        node.snapshot(),
                        "node1",
                        Optional.empty(),
                        new RuntimeInventory(List.of(), List.of(), List.of()),
                        asked -> Map.of(),
                        attributed -> NodeConfiguration.NOT_READ,
                        Policies.of(PolicySet.NONE),
                        uses -> profiles,
                        List.of());
    }

    private static AppArmorProfiles profiles(Profile... profiles) {
        return new AppArmorProfiles(Optional.of("/profiles"), Reading.of("3.0.8"), List.of(profiles), List.of(), true);
    }

    private static Profile profile(String name, State state) {
        return new Profile(
                name,
                state,
                Optional.of("/profiles/" + name),
                Optional.of("enforce"),
                Optional.of("enforce"),
                Optional.of("sha256:00"),
                Reading.of("sha256:11"),
                true,
                false,
                0,
                List.of(),
                0,
                new Reading.Absent<>("log"),
                List.of(),
                List.of());
    }
}
