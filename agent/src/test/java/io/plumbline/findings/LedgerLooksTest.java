package io.plumbline.findings;

import static io.plumbline.SketchedReport.container;
import static io.plumbline.SketchedReport.id;
import static io.plumbline.findings.Steps.NOON;
import static io.plumbline.findings.Steps.WEB;
import static io.plumbline.findings.Steps.nothing;
import static io.plumbline.findings.Steps.run;
import static io.plumbline.findings.Steps.seccompOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.SketchedReport;
import io.plumbline.findings.Ledger.Step;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingsAt;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.ScanReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What looks between scans open and close, and which time a finding has that they show again. */
class LedgerLooksTest {

    @Test
    void whatTheKernelToldOfOpensAtOnceInAScanAndBetween() {
        ScanReport told = SketchedReport.at(NOON)
                .announces("seccomp", WEB, NOON.minusMillis(3))
                .report();
        Step scan = Ledger.empty().step(told, Set.of());
        assertThat(scan.opened()).extracting(Finding::id).containsExactly(id(WEB, "seccomp"));
        Step between = Ledger.empty().stepBetween(told, Set.of(), NOON);
        assertThat(between.opened()).extracting(Finding::id).containsExactly(id(WEB, "seccomp"));
        assertThat(between.open())
                .singleElement()
                .satisfies(finding -> assertThat(finding.firstSeen()).isEqualTo(NOON));
    }

    /** Findings of what is as it was are the same objects in report after report; a step goes by that. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyHistoryOfLooksHasOpenWhatIsShownAndWhatWasAMomentAgo(long seed) {
        Random random = new Random(seed);
        Ledger ledger = Ledger.empty();
        Map<String, Finding> current = new TreeMap<>();
        Map<String, Instant> shown = new TreeMap<>();
        Instant now = NOON;
        for (int look = 0; look < 400; look++) {
            boolean between = look > 0 && random.nextInt(8) > 0;
            now = now.plusMillis(100 + random.nextInt(700));
            SketchedReport report = SketchedReport.at(now);
            for (int i = random.nextInt(4); i > 0; i--) {
                ContainerIdentity pod = container("shop", "pod-" + random.nextInt(40));
                String check = random.nextBoolean() ? "seccomp" : "root-user";
                if (current.remove(id(pod, check)) == null || random.nextInt(4) == 0) {
                    report.announces(check, pod, now);
                }
            }
            ScanReport told = report.report();
            told.findings().forEach(finding -> current.put(finding.id(), finding));
            ScanReport all = told.withFindings(
                    current.values().stream().sorted(Findings.WORST_FIRST).toList());
            Step step = between ? ledger.stepBetween(all, Set.of(), now) : ledger.step(all, Set.of());
            Instant at = now;
            current.keySet().forEach(id -> shown.put(id, at));
            shown.values()
                    .removeIf(last -> !last.equals(at)
                            && (!between || !last.plusSeconds(1).isAfter(at)));
            assertThat(step.open()).extracting(Finding::id).containsExactlyInAnyOrderElementsOf(shown.keySet());
            assertThat(step.open()).isSortedAccordingTo(Findings.WORST_FIRST);
            assertThat(step.next().open())
                    .extracting(OpenFinding::id)
                    .containsExactlyInAnyOrderElementsOf(shown.keySet());
            assertThat(step.lingering()).isEqualTo(shown.size() > current.size());
            ledger = step.next();
        }
    }

    @Test
    void staleListAccusesNobodyThatTheKernelToldOf() {
        ScanReport told =
                SketchedReport.at(NOON).announces("orphan-process", WEB, NOON).report();
        assertThat(Ledger.empty()
                        .stepBetween(told, Set.of("orphan-process"), NOON)
                        .open())
                .isEmpty();
    }

    /** Else what a container does while it starts would open, only because something else happened meanwhile. */
    @Test
    void looksBetweenScansAreNoSecondSighting() {
        Step first = Ledger.empty().step(seccompOf(WEB, 0), Set.of());
        Step between = first.next().stepBetween(seccompOf(WEB, 1), Set.of(), NOON.plusSeconds(1));
        assertThat(between.opened()).isEmpty();
        assertThat(between.pending()).isEqualTo(1);
        assertThat(between.next().step(seccompOf(WEB, 15), Set.of()).opened()).hasSize(1);
        Step unasked = Ledger.empty().stepBetween(seccompOf(WEB, 1), Set.of(), NOON.plusSeconds(1));
        assertThat(unasked.pending()).isZero();
        assertThat(unasked.next().step(seccompOf(WEB, 15), Set.of()).opened()).isEmpty();
    }

    @Test
    void whatWasSeenLongAgoClosesBetweenScansAtOnce() {
        Step open = run(seccompOf(WEB, 0), seccompOf(WEB, 15));
        Step closed = open.next().stepBetween(nothing(20), Set.of(), NOON.plusSeconds(20));
        assertThat(closed.closed()).extracting(OpenFinding::id).containsExactly(id(WEB, "seccomp"));
        assertThat(closed.lingering()).isFalse();
    }

    /** It was shown a moment ago, although no look has read it since the scan. */
    @Test
    void whatNobodyHasReadAgainWasSeenByTheScanAndLingersFromTheLastLook() {
        Step open = run(seccompOf(WEB, 0), seccompOf(WEB, 15));
        ScanReport same = nothing(20).withFindings(seccompOf(WEB, 15).findings());
        Step scan = open.next().step(same, Set.of());
        assertThat(scan.open()).extracting(Finding::lastSeen).containsExactly(NOON.plusSeconds(20));

        Step look = scan.next().stepBetween(nothing(25).withFindings(same.findings()), Set.of(), NOON.plusSeconds(25));
        assertThat(look.open()).hasSize(1);
        assertThat(look.open().get(0)).isEqualTo(scan.open().get(0));

        Step gone = look.next().stepBetween(nothing(26), Set.of(), NOON.plusMillis(25_900));
        assertThat(gone.closed()).isEmpty();
        assertThat(gone.lingering()).isTrue();
        Step later = gone.next().stepBetween(nothing(26), Set.of(), NOON.plusSeconds(26));
        assertThat(later.closed()).extracting(OpenFinding::lastSeen).containsExactly(NOON.plusSeconds(20));
    }

    @Test
    void whatTheNextScansShowAgainHasTheTimeOfTheLastScan() {
        Step open = run(seccompOf(WEB, 0), seccompOf(WEB, 15));
        List<Finding> same = seccompOf(WEB, 15).findings();
        Step first = open.next().step(nothing(20).withFindings(same), Set.of());
        Step second = first.next().step(nothing(30).withFindings(same), Set.of());

        assertThat(FindingsAt.timeless(second.open())).isSameAs(FindingsAt.timeless(first.open()));
        assertThat(first.open()).extracting(Finding::lastSeen).containsExactly(NOON.plusSeconds(20));
        assertThat(second.open()).extracting(Finding::lastSeen).containsExactly(NOON.plusSeconds(30));
        assertThat(second.open()).extracting(Finding::firstSeen).containsExactly(NOON);
        assertThat(second.next().open()).extracting(OpenFinding::lastSeen).containsExactly(NOON.plusSeconds(30));
        Step look = second.next().stepBetween(nothing(31).withFindings(same), Set.of(), NOON.plusSeconds(31));
        assertThat(look.open()).isEqualTo(second.open());
        assertThat(look.next().open()).isEqualTo(second.next().open());
        Step gone = look.next().step(nothing(45), Set.of());
        assertThat(gone.closed()).extracting(OpenFinding::lastSeen).containsExactly(NOON.plusSeconds(30));
        assertThat(gone.next().step(nothing(60).withFindings(same), Set.of()).open())
                .isEmpty();
    }

    @Test
    void whatALookFoundOtherwiseHasItsTimeUntilTheNextScan() {
        List<Finding> otherwise = seccompOf(WEB, 20).findings();
        Step open = run(seccompOf(WEB, 0), seccompOf(WEB, 15));
        Step look = open.next().stepBetween(nothing(20).withFindings(otherwise), Set.of(), NOON.plusSeconds(20));
        assertThat(look.open()).extracting(Finding::lastSeen).containsExactly(NOON.plusSeconds(20));
        Step scan = look.next().step(nothing(30).withFindings(otherwise), Set.of());
        assertThat(scan.open()).extracting(Finding::lastSeen).containsExactly(NOON.plusSeconds(30));
        assertThat(scan.next().open()).extracting(OpenFinding::lastSeen).containsExactly(NOON.plusSeconds(30));
    }

    /** A loop in a shell starts a program each moment: that is one finding, not one for each. */
    @Test
    void whatComesAndGoesEachMomentStaysOpenUntilItIsGoneForASecond() {
        Step step = Ledger.empty()
                .stepBetween(
                        SketchedReport.at(NOON).announces("seccomp", WEB, NOON).report(), Set.of(), NOON);
        for (int tenth = 1; tenth < 50; tenth++) {
            Instant now = NOON.plusMillis(tenth * 100L);
            SketchedReport report = SketchedReport.at(now);
            boolean runs = tenth % 2 == 0;
            step = step.next()
                    .stepBetween((runs ? report.announces("seccomp", WEB, now) : report).report(), Set.of(), now);
            assertThat(step.opened()).isEmpty();
            assertThat(step.closed()).isEmpty();
            assertThat(step.open()).hasSize(1);
            assertThat(step.lingering()).isEqualTo(!runs);
        }
        Instant last = NOON.plusMillis(4800);
        assertThat(step.next()
                        .stepBetween(nothing(5), Set.of(), last.plusMillis(999))
                        .closed())
                .isEmpty();
        assertThat(step.next()
                        .stepBetween(nothing(5), Set.of(), last.plusSeconds(1))
                        .closed())
                .hasSize(1);
    }
}
