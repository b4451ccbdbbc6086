package io.plumbline.findings;

import static io.plumbline.SketchedReport.container;
import static io.plumbline.SketchedReport.id;
import static io.plumbline.findings.Steps.NOON;
import static io.plumbline.findings.Steps.WEB;
import static io.plumbline.findings.Steps.WORKER;
import static io.plumbline.findings.Steps.nothing;
import static io.plumbline.findings.Steps.run;
import static io.plumbline.findings.Steps.seccompOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.plumbline.SketchedReport;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Finding;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerTest {
    @Test
    void firstSightingIsPendingAndTheSecondOpens() {
        Ledger.Step first = Ledger.empty().step(seccompOf(WEB, 0), Set.of());
        assertThat(first.open()).isEmpty();
        assertThat(first.opened()).isEmpty();
        assertThat(first.pending()).isEqualTo(1);

        Ledger.Step second = first.next().step(seccompOf(WEB, 15), Set.of());
        assertThat(second.opened()).extracting(Finding::id).containsExactly(id(WEB, "seccomp"));
        assertThat(second.open()).isEqualTo(second.opened());
        assertThat(second.pending()).isZero();
    }

    @Test
    void openFindingKeepsItsFirstSightingAndItsNewestForm() {
        Ledger.Step step = run(seccompOf(WEB, 0), seccompOf(WEB, 15), seccompOf(WEB, 30));
        assertThat(step.opened()).isEmpty();
        assertThat(step.open()).singleElement().satisfies(finding -> {
            assertThat(finding.firstSeen()).isEqualTo(NOON);
            assertThat(finding.lastSeen()).isEqualTo(NOON.plusSeconds(30));
        });
        assertThat(step.next().open()).singleElement().satisfies(kept -> {
            assertThat(kept.firstSeen()).isEqualTo(NOON);
            assertThat(kept.lastSeen()).isEqualTo(NOON.plusSeconds(30));
        });
    }

    @Test
    void whatIsSeenOnceAndNotOnTheNextScanNeverOpens() {
        Ledger.Step step = run(seccompOf(WEB, 0), nothing(15), seccompOf(WEB, 30));
        assertThat(step.open()).isEmpty();
        assertThat(step.opened()).isEmpty();
        assertThat(step.closed()).isEmpty();
        assertThat(step.pending()).isEqualTo(1);
    }

    @Test
    void closesWithTheFirstScanThatDoesNotShowIt() {
        Ledger.Step step = run(seccompOf(WEB, 0), seccompOf(WEB, 15), nothing(30));
        assertThat(step.open()).isEmpty();
        assertThat(step.closed()).singleElement().satisfies(closed -> {
            assertThat(closed.id()).isEqualTo(id(WEB, "seccomp"));
            assertThat(closed.firstSeen()).isEqualTo(NOON);
            assertThat(closed.lastSeen()).isEqualTo(NOON.plusSeconds(15));
            assertThat(closed.container()).isEqualTo(WEB);
        });
        assertThat(step.next().step(nothing(45), Set.of()).closed()).isEmpty();
    }

    @Test
    void whatComesBackIsANewFindingWithTheSameIdAndHasToBeSeenTwiceAgain() {
        Ledger.Step back = run(seccompOf(WEB, 0), seccompOf(WEB, 15), nothing(30), seccompOf(WEB, 45));
        assertThat(back.open()).isEmpty();
        Ledger.Step again = back.next().step(seccompOf(WEB, 60), Set.of());
        assertThat(again.opened()).singleElement().satisfies(finding -> {
            assertThat(finding.id()).isEqualTo(id(WEB, "seccomp"));
            assertThat(finding.firstSeen()).isEqualTo(NOON.plusSeconds(45));
        });
    }

    @Test
    void checkThatCouldNotLookClosesNothing() {
        ScanReport blind = SketchedReport.at(NOON.plusSeconds(30))
                .couldNotLook(WEB, "seccomp")
                .report();
        Ledger.Step step = run(seccompOf(WEB, 0), seccompOf(WEB, 15), blind);
        assertThat(step.closed()).isEmpty();
        assertThat(step.open())
                .singleElement()
                .satisfies(finding -> assertThat(finding.lastSeen()).isEqualTo(NOON.plusSeconds(15)));
    }

    /** As of a root file system that tells nothing of the program of any process: who did run another one has ended. */
    @Test
    void whatCouldNotBeLookedAtBesideItDoesNotKeepItOpen() {
        ScanReport alone = SketchedReport.at(NOON.plusSeconds(30))
                .couldNotLook(WEB, "seccomp")
                .report();
        assertThat(run(besideUnread(0, 7), besideUnread(15, 7), alone).closed()).hasSize(1);
        assertThat(run(besideUnread(0, 8), besideUnread(15, 8), alone).closed()).isEmpty();
    }

    private static ScanReport besideUnread(int second, int pid) {
        return SketchedReport.at(NOON.plusSeconds(second))
                .shows(Severity.HIGH, "seccomp", WEB)
                .couldNotLookBeside(WEB, "seccomp", pid)
                .report();
    }

    /** As where its bundle, which named it, cannot be read any more. */
    @Test
    void checkThatCouldNotLookAtAContainerUnderAnotherNameClosesNothing() {
        ContainerIdentity nameless =
                new ContainerIdentity("", "", WEB.podUid(), WEB.container(), WEB.containerId(), "");
        ScanReport blind = SketchedReport.at(NOON.plusSeconds(30))
                .couldNotLook(nameless, "seccomp")
                .report();
        assertThat(run(seccompOf(WEB, 0), seccompOf(WEB, 15), blind).closed()).isEmpty();
    }

    @Test
    void checkThatCouldNotLookAtAnotherContainerOrAtAnotherThingDoesNotKeepItOpen() {
        ScanReport blind = SketchedReport.at(NOON.plusSeconds(30))
                .couldNotLook(WORKER, "seccomp")
                .couldNotLook(WEB, "apparmor")
                .report();
        assertThat(run(seccompOf(WEB, 0), seccompOf(WEB, 15), blind).closed()).hasSize(1);
    }

    @Test
    void containerThatConformsAgainCloses() {
        ScanReport conforming =
                SketchedReport.at(NOON.plusSeconds(30)).conforms(WEB, "seccomp").report();
        assertThat(run(seccompOf(WEB, 0), seccompOf(WEB, 15), conforming).closed())
                .hasSize(1);
    }

    @Test
    void checkThatThisScanCannotAnswerNeitherOpensNorCloses() {
        Set<String> unjudged = Set.of("orphan-process");
        Ledger.Step step = Ledger.empty().step(Steps.of("orphan-process", WEB, 0), unjudged);
        assertThat(step.pending()).isZero();
        step = step.next().step(Steps.of("orphan-process", WEB, 15), unjudged);
        assertThat(step.open()).isEmpty();

        Ledger.Step open = run(Steps.of("orphan-process", WEB, 30), Steps.of("orphan-process", WEB, 45));
        Ledger.Step kept = open.next().step(nothing(60), unjudged);
        assertThat(kept.closed()).isEmpty();
        assertThat(kept.open()).extracting(Finding::id).containsExactly(id(WEB, "orphan-process"));
        assertThat(kept.next().step(nothing(75), Set.of()).closed()).hasSize(1);
    }

    @Test
    void rememberedFindingIsOpenAtOnceWhenItIsSeenAndKeepsItsFirstSighting() {
        List<OpenFinding> remembered =
                run(seccompOf(WEB, 0), seccompOf(WEB, 15)).next().open();
        Ledger.Step step = Ledger.remembering(remembered).step(seccompOf(WEB, 3600), Set.of());
        assertThat(step.opened()).isEmpty();
        assertThat(step.open()).singleElement().satisfies(finding -> {
            assertThat(finding.firstSeen()).isEqualTo(NOON);
            assertThat(finding.lastSeen()).isEqualTo(NOON.plusSeconds(3600));
        });
    }

    @Test
    void rememberedFindingThatIsGoneCloses() {
        List<OpenFinding> remembered =
                run(seccompOf(WEB, 0), seccompOf(WEB, 15)).next().open();
        Ledger.Step step = Ledger.remembering(remembered).step(nothing(3600), Set.of());
        assertThat(step.closed()).isEqualTo(remembered);
    }

    @Test
    void rememberedFindingThatCannotBeLookedAtStaysRemembered() {
        List<OpenFinding> remembered =
                run(seccompOf(WEB, 0), seccompOf(WEB, 15)).next().open();
        ScanReport blind = SketchedReport.at(NOON.plusSeconds(3600))
                .couldNotLook(WEB, "seccomp")
                .report();
        Ledger.Step step = Ledger.remembering(remembered).step(blind, Set.of());
        assertThat(step.closed()).isEmpty();
        assertThat(step.open()).isEmpty();
        assertThat(step.next().open()).isEqualTo(remembered);
        assertThat(step.next().step(seccompOf(WEB, 3615), Set.of()).open())
                .singleElement()
                .satisfies(finding -> assertThat(finding.firstSeen()).isEqualTo(NOON));
    }

    /** A report's are; what stays open although nobody could look is put among them. */
    @Test
    void openFindingsAreWorstFirst() {
        ScanReport all = SketchedReport.at(NOON)
                .shows(Severity.CRITICAL, "host-mount", WORKER)
                .shows(Severity.HIGH, "seccomp", WEB, WORKER)
                .shows(Severity.MEDIUM, "user", WEB)
                .report();
        ScanReport blind = SketchedReport.at(NOON)
                .shows(Severity.CRITICAL, "host-mount", WORKER)
                .shows(Severity.HIGH, "seccomp", WORKER)
                .shows(Severity.MEDIUM, "user", WEB)
                .couldNotLook(WEB, "seccomp")
                .report();
        assertThat(run(all, all, blind).open())
                .extracting(Finding::id)
                .containsExactly(id(WORKER, "host-mount"), id(WEB, "seccomp"), id(WORKER, "seccomp"), id(WEB, "user"));
    }

    /** Against the rule said plainly: open is what was open and is seen, or is seen twice running. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyHistoryOpensWhatIsSeenTwiceRunningAndClosesWhatIsNotSeen(long seed) {
        Random random = new Random(seed);
        List<ContainerIdentity> pods = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pods.add(container("shop", "pod-" + i));
        }
        Ledger ledger = Ledger.empty();
        Set<String> before = Set.of();
        Map<String, Instant> since = new TreeMap<>();
        Set<String> open = new TreeSet<>();
        for (int scan = 0; scan < 200; scan++) {
            SketchedReport report = SketchedReport.at(NOON.plusSeconds(scan));
            Set<String> now = new TreeSet<>();
            for (ContainerIdentity pod : pods) {
                if (random.nextInt(3) > 0) {
                    report.shows(Severity.HIGH, "seccomp", pod);
                    now.add(id(pod, "seccomp"));
                }
            }
            Set<String> expected = new TreeSet<>(now);
            for (String id : now) {
                if (!before.contains(id)) {
                    since.put(id, NOON.plusSeconds(scan));
                    expected.remove(id);
                }
            }
            Ledger.Step step = ledger.step(report.report(), Set.of());
            assertThat(step.open()).extracting(Finding::id).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(step.open())
                    .allSatisfy(finding -> assertThat(finding.firstSeen()).isEqualTo(since.get(finding.id())));
            Set<String> opened = new TreeSet<>(expected);
            opened.removeAll(open);
            assertThat(step.opened()).extracting(Finding::id).containsExactlyInAnyOrderElementsOf(opened);
            Set<String> closed = new TreeSet<>(open);
            closed.removeAll(expected);
            assertThat(step.closed()).extracting(OpenFinding::id).containsExactlyInAnyOrderElementsOf(closed);
            ledger = step.next();
            open = expected;
            before = now;
        }
    }

    @Test
    void ofWhatIsShownAgainTheHiddenKeepsItsOwnTime() {
        ScanReport both = SketchedReport.at(NOON)
                .shows(Severity.HIGH, "seccomp", WEB)
                .shows(Severity.HIGH, "seccomp", WORKER)
                .report();
        List<Finding> ofWeb = seccompOf(WEB, 0).findings();
        Ledger.Step step = Ledger.empty().step(both, Set.of()).next().step(both, Set.of());
        for (int second = 10; second <= 30; second += 10) {
            ScanReport blind = SketchedReport.at(NOON.plusSeconds(second))
                    .couldNotLook(WORKER, "seccomp")
                    .report()
                    .withFindings(ofWeb);
            step = step.next().step(blind, Set.of());
        }
        assertThat(step.open())
                .extracting(Finding::container, Finding::lastSeen)
                .containsExactly(tuple(WEB, NOON.plusSeconds(30)), tuple(WORKER, NOON));
        assertThat(step.next().open())
                .extracting(OpenFinding::container, OpenFinding::lastSeen)
                .containsExactlyInAnyOrder(tuple(WEB, NOON.plusSeconds(30)), tuple(WORKER, NOON));
    }
}
