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
 * containerd start under them, and what they forbid does not happen. One boot; src/test/guest/profiles is what happens in it.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class GuestIT {
    private static final int KILLED = 128 + 9;

    private Guest guest;

    @BeforeAll
    void boot() throws IOException {
        Guest.needsGuest();
        guest = Guest.run("with-apparmor", "", List.of("profiles", "drift"));
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

    @Test
    void twoAgentsAtOnceLeaveRecordAndKernelAgreed() {
        assertThat(guest.status("two-a")).as(guest.text("two-a.err")).isZero();
        assertThat(guest.status("two-b")).as(guest.text("two-b.err")).isZero();
        assertThat(guest.status("list-two")).isZero();
        assertThat(verified("two-")).hasSize(6);
        assertThat(guest.status("remove-all")).as(guest.text("remove-all.err")).isZero();
        assertThat(guest.text("kernel-at-the-end").lines()).containsExactly("theirs (enforce)");
    }

    @Test
    void whatAConfigMapHoldsIsLoadedAndWhatIsWrongInItIsSaidWithItsLine() {
        JsonNode start = json("serve-start.json");
        assertThat(profile(start, "web").path("state").asText()).isEqualTo("verified");
        assertThat(profile(start, "docker-worker").path("state").asText()).isEqualTo("verified");
        JsonNode wrong = list(start, "profiles").stream()
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
        assertThat(causesOf(causes, "strong")).containsExactly("privileged");
        assertThat(causesOf(causes, "other")).containsExactly("other-profile");
        assertThat(causesOf(causes, "web1")).isEmpty();
        assertThat(causesOf(causes, "worker1")).isEmpty();
    }

    /** The kernel enforces each part of a stack. */
    @Test
    void aProfileInAStackHolds() {
        assertThat(guest.text("label-stacked")).isEqualTo("unconfined//&web (enforce)");
        assertThat(causesOf(json("causes.json"), "stacked")).isEmpty();
    }

    @Test
    void anUnloadedProfileIsDetachedAndLoadingItAgainHelpsOnlyNewContainers() {
        assertThat(guest.text("label-after-unload")).isEqualTo("unconfined");
        assertThat(causesOf(json("unload-drift.json"), "web1")).containsExactly("detached");
        // What it was denied all the time, it now does.
        assertThat(guest.text("data-after-unload")).contains("web1");
        assertThat(guest.text("serve.log")).contains("profile web: LOADED");
        assertThat(guest.text("label-after-reload")).isEqualTo("unconfined");
        assertThat(guest.text("label-of-new")).isEqualTo("web (enforce)");
        assertThat(guest.text("new-container-writes"))
                .contains("Permission denied")
                .doesNotContain("written");
        assertThat(causesOf(json("reload-drift.json"), "web1")).containsExactly("detached");
        assertThat(causesOf(json("reload-drift.json"), "web2")).isEmpty();
    }

    @Test
    void replacedContentAndComplainModeAreFindings() {
        JsonNode tampered = json("tampered.json");
        assertThat(list(tampered, "findings"))
                .anyMatch(finding -> finding.path("check").asText().equals("profile-content")
                        && finding.path("profile").asText().equals("docker-worker"))
                .anyMatch(finding -> finding.path("check").asText().equals("profile-mode")
                        && finding.path("profile").asText().equals("web"));
        assertThat(causesOf(tampered, "web2")).containsExactly("complain");
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
        assertThat(list(next, "profiles"))
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
        assertThat(inertOf(inert, "privileged-default")).containsExactly("privileged-apparmor");
        assertThat(inertOf(inert, "annotated")).containsExactly("annotation-ignored");
        assertThat(inertOf(inert, "contradicted")).containsExactly("annotation-contradicts-field");
        for (String withEffect : List.of("web1", "worker1", "stacked", "other", "strong")) {
            assertThat(inertOf(inert, withEffect)).as(withEffect).isEmpty();
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

    /** A kernel that has AppArmor, and was told at boot to leave it. */
    @Test
    void aNodeWithoutAppArmorSaysSoAndGoesOn() throws IOException {
        Guest without = Guest.run("without-apparmor", "apparmor=0", List.of("without"));

        assertThat(without.text("kernel")).startsWith("N\n");
        assertThat(without.status("load")).isEqualTo(2);
        assertThat(without.text("load.err").lines()).singleElement().asString().contains("AppArmor");
        JsonNode scan = without.json("scan.out");
        assertThat(without.status("scan")).as(without.text("scan.err")).isEqualTo(1);
        assertThat(causesOf(scan, "web1")).containsExactly("apparmor-off");
        assertThat(inertOf(scan, "web1")).containsExactly("apparmor-off");
    }

    private static List<String> inertOf(JsonNode answer, String pod) {
        return list(answer, "findings").stream()
                .filter(finding -> finding.path("kind").asText().equals("inert")
                        && finding.path("pod").asText().equals(pod))
                .map(finding -> finding.path("cause").asText())
                .toList();
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

    /** Why a pod's container is not under its profile; none where it is. */
    private static List<String> causesOf(JsonNode answer, String pod) {
        return list(answer, "findings").stream()
                .filter(finding -> finding.path("check").asText().equals("apparmor")
                        && finding.path("pod").asText().equals(pod))
                .map(finding -> finding.path("cause").asText())
                .toList();
    }

    private JsonNode json(String file) {
        return guest.json(file);
    }

    private static List<JsonNode> list(JsonNode answer, String name) {
        return StreamSupport.stream(answer.path(name).spliterator(), false).toList();
    }

    private static JsonNode profile(JsonNode answer, String name) {
        return list(answer, "profiles").stream()
                .filter(profile -> profile.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no profile " + name + " in " + answer));
    }
}
