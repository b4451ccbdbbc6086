package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * AppArmor profiles on a real AppArmor kernel: the packaged agent in a guest machine loads them, real containers of runc, crun and
 * containerd start under them, and what they forbid does not happen. One boot; src/test/guest/profiles is what happens in it, and drift beside
 * it.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class GuestIT {
    private static final int KILLED = 128 + 9;

    private Guest guest;

    @BeforeAll
    void boot() throws IOException {
        Guest.needsGuest();
        guest = Guest.run("with-apparmor", "", "profiles", ImageInGuest::bring);
    }

    @Test
    void theSeedsTwoProfilesAreLoadedAndVerifiedByContent() {
        assertThat(guest.status("load")).as(guest.text("load.err")).isZero();
        assertThat(guest.text("load.out"))
                .contains("k8s-apparmor-example-deny-write: loaded", "docker-nginx-sample: loaded");
        assertThat(guest.text("kernel-after-load"))
                .contains("k8s-apparmor-example-deny-write (enforce)", "docker-nginx-sample (enforce)");
        assertThat(guest.status("list")).isZero();
        JsonNode list = json("list.out");
        for (String name : List.of("k8s-apparmor-example-deny-write", "docker-nginx-sample")) {
            JsonNode profile = profile(list, name);
            assertThat(profile.path("state").asText()).isEqualTo("verified");
            assertThat(profile.path("hash").asText())
                    .isEqualTo(profile.path("wantedHash").asText())
                    .isNotEmpty();
        }
    }

    @Test
    void theSeedsProfilesAreEnforcedOnRealContainers() {
        assertThat(guest.text("deny-write"))
                .startsWith("k8s-apparmor-example-deny-write (enforce)")
                .contains("Permission denied")
                .doesNotContain("written");
        assertThat(guest.text("nginx"))
                .startsWith("docker-nginx-sample (enforce)")
                .contains("tmp-written", "/bin/x: Permission denied")
                .doesNotContain("bin-written");
    }

    @Test
    void aProfileThatAContainerIsUnderIsMarkedAndRemovedWhenItIsFree() {
        assertThat(guest.status("remove-used")).isEqualTo(1);
        assertThat(guest.text("remove-used.err")).contains("k8s-apparmor-example-deny-write: marked", "in use by");
        assertThat(guest.text("remove-used.out")).contains("docker-nginx-sample: removed");
        assertThat(guest.text("kernel-after-remove"))
                .contains("k8s-apparmor-example-deny-write")
                .doesNotContain("docker-nginx-sample");
        assertThat(guest.text("label-after-remove")).isEqualTo("k8s-apparmor-example-deny-write (enforce)");
        assertThat(guest.text("kernel-after-mixed")).doesNotContain("k8s-apparmor-example-deny-write");
    }

    @Test
    void someoneElsesProfileIsNeitherOverwrittenNorRemoved() {
        assertThat(guest.text("mixed.err")).contains("theirs: refused", "not from here");
        assertThat(guest.text("theirs")).contains("written");
        assertThat(guest.text("remove-used.err")).contains("theirs: refused: it was not loaded from here");
        assertThat(guest.text("kernel-after-worse")).contains("theirs (enforce)");
    }

    @Test
    void aBrokenProfileStopsNoOtherAndTheLastGoodOneStays() {
        assertThat(guest.status("mixed")).isEqualTo(1);
        assertThat(guest.text("mixed.err")).contains("/tmp/mixed/broken:4:3: syntax error");
        assertThat(guest.text("mixed.out")).contains("good: loaded");
        assertThat(guest.text("good")).contains("tmp-written", "end").doesNotContain("data-written");
        assertThat(guest.status("worse")).isEqualTo(1);
        assertThat(guest.text("good-after-worse")).contains("end").doesNotContain("data-written");
    }

    @Test
    void fiveHundredProfilesAndOneOfAMegabyteAreLoaded() {
        assertThat(guest.status("many")).as(guest.text("many.err")).isZero();
        assertThat(guest.text("many-count")).isEqualTo("500");
        assertThat(Long.parseLong(guest.text("big-size"))).isGreaterThan(1 << 20);
        assertThat(verified("many-")).hasSize(500);
    }

    /** What the killed one had loaded, and nobody had on record, would be refused as somebody else's, and would stay. */
    @Test
    void anAgentKilledInTheMiddleLeavesRecordAndKernelAgreed() {
        assertThat(guest.status("killed")).as(guest.text("killed.out")).isEqualTo(KILLED);
        assertThat(Integer.parseInt(guest.text("killed-count")))
                .as("of 500, when it was killed")
                .isLessThan(500);
        assertThat(guest.status("many")).as(guest.text("many.err")).isZero();
        assertThat(verified("many-")).hasSize(500);
        assertThat(verified("big-one")).hasSize(1);
    }

    /** Upgrade and rollback: what one release loaded is the next one's, and nothing is loaded anew under what runs. */
    @Test
    void whatAnotherReleaseLoadedIsTakenOverAsItIs() {
        assertThat(guest.text("record-of-newer")).isEqualTo("1");
        assertThat(guest.status("other-release"))
                .as(guest.text("other-release.err"))
                .isZero();
        assertThat(guest.text("other-release.out").lines())
                .hasSize(50)
                .allSatisfy(line -> assertThat(line).contains(": unchanged"));
    }

    @Test
    void profilesStayInTheKernelWhenTheAgentEnds() {
        assertThat(guest.text("kernel-after-serve")).contains("web (", "docker-worker (enforce)", "taken (enforce)");
    }

    /** One of them is the image, in a container that is not privileged. */
    @Test
    void twoAgentsAtOnceLeaveRecordAndKernelAgreed() {
        assertThat(guest.status("two-a")).as(guest.text("two-a.err")).isZero();
        assertThat(guest.status("two-b")).as(guest.text("two-b.err")).isZero();
        assertThat(guest.status("list-two")).isZero();
        assertThat(verified("two-")).hasSize(6);
        assertThat(guest.text("two-a.out")).contains("of-the-image: loaded");
        assertThat(guest.text("kernel-with-two")).contains("of-the-image (enforce)");
        assertThat(verified("of-the-image")).hasSize(1);
        assertThat(guest.status("remove-all")).as(guest.text("remove-all.err")).isZero();
        // The tests of drift, which run beside these, have the runtime's default loaded.
        assertThat(guest.text("kernel-at-the-end").lines().filter(line -> !line.startsWith("cri-containerd")))
                .containsExactly("theirs (enforce)");
    }

    @Test
    void whatAConfigMapHoldsIsLoadedAndWhatIsWrongInItIsSaidWithItsLine() {
        JsonNode start = json("serve-start.json");
        assertThat(profile(start, "web").path("state").asText()).isEqualTo("verified");
        assertThat(profile(start, "docker-worker").path("state").asText()).isEqualTo("verified");
        JsonNode wrong = Answers.list(start, "profiles").stream()
                .filter(profile -> profile.path("state").asText().equals("rejected"))
                .findFirst()
                .orElseThrow();
        assertThat(wrong.at("/errors/0/line").asInt()).isEqualTo(3);
        assertThat(wrong.at("/errors/0/column").asInt()).isEqualTo(14);
    }

    @Test
    void containersOfContainerdByRuncAndCrunAreUnderTheirProfilesAndDenied() {
        assertThat(guest.text("labels").lines()).containsExactly("web (enforce)", "docker-worker (enforce)");
        assertThat(guest.text("data-before-unload")).doesNotContain("web1");
        assertThat(guest.text("web-writes")).contains("Permission denied").doesNotContain("written");
        assertThat(guest.text("worker-writes"))
                .contains("tmp-written", "Permission denied")
                .doesNotContain("data-written");
    }

    @Test
    void noContainerStartsUnderAProfileThatIsNotThere() {
        assertThat(guest.text("missing-at-start").lines().filter(line -> line.contains("apparmor")))
                .as(guest.text("missing-at-start"))
                .hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void eachWayToBeWithoutOnesProfileHasItsCause() {
        JsonNode causes = json("causes.json");
        assertThat(Answers.causesOf(causes, "strong")).containsExactly("privileged");
        assertThat(Answers.causesOf(causes, "other")).containsExactly("other-profile");
        assertThat(Answers.causesOf(causes, "web1")).isEmpty();
        assertThat(Answers.causesOf(causes, "worker1")).isEmpty();
    }

    /** The kernel enforces each part of a stack. */
    @Test
    void aProfileInAStackHolds() {
        assertThat(guest.text("label-stacked")).isEqualTo("unconfined//&web (enforce)");
        assertThat(Answers.causesOf(json("causes.json"), "stacked")).isEmpty();
    }

    @Test
    void anUnloadedProfileIsDetachedAndLoadingItAgainHelpsOnlyNewContainers() {
        assertThat(guest.text("label-after-unload")).isEqualTo("unconfined");
        assertThat(Answers.causesOf(json("unload-drift.json"), "web1")).containsExactly("detached");
        // What it was denied all the time, it now does.
        assertThat(guest.text("data-after-unload")).contains("web1");
        assertThat(guest.text("serve.log")).contains("profile web: LOADED");
        assertThat(guest.text("label-after-reload")).isEqualTo("unconfined");
        assertThat(guest.text("label-of-new")).isEqualTo("web (enforce)");
        assertThat(guest.text("new-container-writes"))
                .contains("Permission denied")
                .doesNotContain("written");
        assertThat(Answers.causesOf(json("reload-drift.json"), "web1")).containsExactly("detached");
        assertThat(Answers.causesOf(json("reload-drift.json"), "web2")).isEmpty();
    }

    @Test
    void replacedContentAndComplainModeAreFindings() {
        JsonNode tampered = json("tampered.json");
        assertThat(Answers.list(tampered, "findings"))
                .anyMatch(finding -> finding.path("check").asText().equals("profile-content")
                        && finding.path("profile").asText().equals("docker-worker"))
                .anyMatch(finding -> finding.path("check").asText().equals("profile-mode")
                        && finding.path("profile").asText().equals("web"));
        assertThat(Answers.causesOf(tampered, "web2")).containsExactly("complain");
        assertThat(guest.text("take-over.out")).contains("web: loaded");
    }

    @Test
    void aProfileThatADirectoryNoMoreHoldsStaysWhileContainersAreUnderIt() {
        JsonNode web = profile(json("next-profiles.json"), "web");
        assertThat(web.path("removing").asBoolean()).isTrue();
        assertThat(web.path("processes").asInt()).isPositive();
        assertThat(web.path("usedBy").toString()).contains("shop/web2");
        assertThat(guest.text("kernel-at-next")).contains("web (");
    }

    @Test
    void aBrokenUpdateIsRejectedAndATakenNameIsForeign() {
        JsonNode next = json("next-profiles.json");
        assertThat(profile(next, "taken").path("state").asText()).isEqualTo("foreign");
        assertThat(Answers.list(next, "profiles"))
                .anyMatch(profile -> profile.path("state").asText().equals("rejected")
                        && profile.path("source").asText().endsWith("worker.toml"));
        assertThat(guest.text("kernel-at-next")).contains("docker-worker (enforce)", "taken (enforce)");
    }

    @Test
    void metricsCountProfilesByStateAndTheAgentEndsWell() {
        assertThat(guest.text("metrics"))
                .contains(
                        "plumbline_apparmor_profiles{state=\"foreign\"}",
                        "plumbline_apparmor_profiles{state=\"rejected\"}");
        assertThat(guest.status("serve")).isZero();
    }

    @Test
    void underALockedPolicyNothingIsLoadedAndItIsSaidWhy() {
        assertThat(guest.status("locked")).isEqualTo(1);
        assertThat(guest.text("locked.err")).contains("EACCES", "lock_policy");
    }

    @Test
    void whatIsAskedForInVainOfAppArmorIsFoundInRealContainers() {
        JsonNode inert = json("inert.json");
        assertThat(Answers.inertOf(inert, "privileged-default")).containsExactly("privileged-apparmor");
        assertThat(Answers.inertOf(inert, "annotated")).containsExactly("annotation-ignored");
        assertThat(Answers.inertOf(inert, "contradicted")).containsExactly("annotation-contradicts-field");
        for (String withEffect : List.of("web1", "worker1", "stacked", "other", "strong")) {
            assertThat(Answers.inertOf(inert, withEffect)).as(withEffect).isEmpty();
        }
    }

    /** Of processes and mounts, under cgroup version 2 alone: what RuncIT shows of whatever this machine has. */
    @TestFactory
    Stream<DynamicTest> driftIsFoundWhereCgroupVersion2IsTheOnlyOne() {
        JsonNode seen = json("drift.json");
        Stream<String> cases = Stream.of(
                        DriftInGuest.pods().stream().map(pod -> DriftInGuest.AS_DECLARED + pod.name()),
                        DriftInGuest.scenarios().stream().map(Scenario::title),
                        Stream.of(DriftInGuest.NOTHING_ELSE))
                .flatMap(names -> names);
        return Stream.concat(cases, fieldNames(seen).filter(name -> name.startsWith(DriftInGuest.GRANTED)))
                .map(name -> dynamicTest(
                        name,
                        () -> assertThat(seen.path(name).asText("did not come that far"))
                                .isEmpty()));
    }

    @Test
    void whatTheRuntimeGrantedIsLookedForToo() {
        assertThat(fieldNames(json("drift.json")).filter(name -> name.startsWith(DriftInGuest.GRANTED)))
                .hasSizeGreaterThanOrEqualTo(11);
    }

    @Test
    void whatWouldHaveBeenDeniedInEnforceModeIsCountedFromTheKernelsLog() {
        assertThat(guest.text("idle")).contains("end").doesNotContain("data-written");
        assertThat(guest.text("busy")).contains("end").doesNotContain("data-written");
        JsonNode list = json("list-watched.out");
        JsonNode idle = profile(list, "idle").path("events");
        assertThat(idle.path("log").asText()).isEqualTo("/dev/kmsg");
        assertThat(idle.path("allowed").asInt()).isZero();
        assertThat(idle.path("denied").asInt()).isZero();
        assertThat(profile(list, "busy").at("/events/allowed").asInt()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void aProfileThatNothingWouldHaveBeenDeniedUnderIsPromotedAsItWasWatched() {
        assertThat(guest.status("dry-run")).as(guest.text("dry-run.out")).isZero();
        assertThat(guest.text("dry-run.out"))
                .contains("would have been denied: 0, was denied: 0", "idle: could be promoted");
        assertThat(guest.text("kernel-after-dry-run")).contains("idle (complain)");
        assertThat(guest.text("promote.out")).contains("idle: loaded");
        assertThat(guest.text("kernel-after-promote")).contains("idle (enforce)");
        JsonNode idle = profile(json("list-promoted.out"), "idle");
        assertThat(idle.path("state").asText()).isEqualTo("verified");
        assertThat(idle.path("mode").asText()).isEqualTo("enforce");
        assertThat(idle.path("hash").asText())
                .isEqualTo(idle.path("wantedHash").asText())
                .isNotEmpty();
    }

    @Test
    void aProfileThatSomethingWouldHaveBeenDeniedUnderStaysUnlessSomebodyInsists() {
        assertThat(guest.status("promote-busy")).isEqualTo(1);
        assertThat(guest.text("promote-busy.out")).contains("/tmp/one by touch").contains("capable");
        assertThat(guest.text("promote-busy.err")).contains("busy: stays in complain mode");
        assertThat(guest.text("kernel-after-promote")).contains("busy (complain)");
        assertThat(guest.status("anyway")).as(guest.text("anyway.err")).isZero();
        assertThat(guest.text("busy-enforced")).contains("end").doesNotContain("tmp-written");
        JsonNode busy = profile(json("list-promoted.out"), "busy");
        assertThat(busy.path("state").asText()).isEqualTo("verified");
        assertThat(busy.at("/events/denied").asInt()).isPositive();
        assertThat(busy.at("/events/allowed").asInt()).isZero();
    }

    @Test
    void whatTheLogDoesNotShowTheLoadOfIsNotTakenForHarmless() {
        assertThat(guest.status("forgotten")).isEqualTo(1);
        assertThat(guest.text("forgotten.out")).contains("what would have been denied is not known", "/dev/kmsg");
        assertThat(guest.text("list-forgotten.out").lines().filter(line -> line.startsWith("forgotten ")))
                .singleElement()
                .asString()
                .containsPattern("complain +verified +0 +\\? +\\? ");
        assertThat(guest.text("list-forgotten.err")).contains("what was denied is not known of");
    }

    @Test
    void anObjectsProfileIsWatchedEnforcedAndRemovedWithTheObject() {
        assertThat(guest.text("object-watched"))
                .startsWith("object-web (complain)")
                .contains("tmp-written", "end");
        assertThat(guest.text("kernel-with-objects"))
                .contains("object-web (complain)")
                .doesNotContain("elsewhere");
        JsonNode watched = profile(json("objects.json"), "object-web");
        assertThat(watched.path("source").asText()).isEqualTo("AppArmorProfile/watched");
        assertThat(watched.path("hash").asText())
                .isEqualTo(watched.path("wantedHash").asText())
                .isNotEmpty();
        assertThat(watched.at("/events/allowed").asInt() > 0
                        || !watched.at("/events/whole").asBoolean(true))
                .as(watched.toString())
                .isTrue();
        assertThat(guest.text("object-metrics")).contains("plumbline_apparmor_profiles_uncounted ");
        assertThat(guest.text("object-enforced")).contains("end").doesNotContain("tmp-written");
        assertThat(guest.text("kernel-without-object"))
                .contains("web (enforce)")
                .doesNotContain("object-web");
    }

    @Test
    void theKernelOfThisDebianTellsWhichProcessesChanged() {
        assertThat(guest.text("object-metrics"))
                .containsPattern("plumbline_node_info\\{[^}]*events=\"ring\"[^}]*reader=\"iterator\"");
    }

    @Test
    void theReportOfTheNodeSaysHowProfilesStand() {
        JsonNode profiles = json("report.json").at("/status/profiles");
        assertThat(profiles.path("wanted").asInt())
                .as(guest.text("report.json"))
                .isPositive();
    }

    private static Stream<String> fieldNames(JsonNode object) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(object.fieldNames(), 0), false);
    }

    private List<String> verified(String prefix) {
        return guest.text("list-two.out")
                .lines()
                .filter(line -> line.startsWith(prefix) && line.contains("verified"))
                .toList();
    }

    private JsonNode json(String file) {
        return guest.json(file);
    }

    private static JsonNode profile(JsonNode answer, String name) {
        return Answers.list(answer, "profiles").stream()
                .filter(profile -> profile.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no profile " + name + " in " + answer));
    }
}
