package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.EventBatch;
import io.plumbline.model.Occasion;
import io.plumbline.model.Occasion.Witness;
import io.plumbline.model.ProcessEvent;
import io.plumbline.model.ProcessEvent.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    /** Of the events' clock, when a look ends. */
    private long nanos;

    private final Changes changes = new Changes(() -> nanos);

    @Test
    void execIsReadAgainAndBelievedWithTheTimeOfItsEvent() {
        changes.add(
                new EventBatch(List.of(new ProcessEvent(Kind.EXEC, 7, 5_000_000)), 0), NOON, /* monotonic */ 8_000_000);
        Occasion look = look();
        assertThat(look.changed()).isEqualTo(Set.of(7));
        assertThat(look.witnessed()).isEqualTo(Map.of(7, new Witness(NOON.minusMillis(3), true)));
        assertThat(isAny()).isFalse();
    }

    @Test
    void changeOfIdsAloneIsReadAgainButIsNoProofThatItIsOldEnough() {
        happens(NOON, Kind.CREDENTIALS, 7);
        happens(NOON, Kind.CREDENTIALS, 8);
        Occasion look = look();
        assertThat(look.changed()).isEqualTo(Set.of(7, 8));
        assertThat(look.witnessed().get(7)).isEqualTo(new Witness(NOON, false));
        happens(NOON, Kind.EXEC, 7);
        happens(NOON.plusSeconds(9), Kind.CREDENTIALS, 7);
        assertThat(look().witnessed().get(7)).isEqualTo(new Witness(NOON.plusSeconds(9), true));
    }

    @Test
    void whoHasGrownOldEnoughIsReadAgainUnlessHeIsBelievedAlready() {
        happens(NOON, Kind.EXEC, 7);
        happens(NOON, Kind.CREDENTIALS, 8);
        happens(NOON, Kind.FORK, 9);
        look();
        changes.addGrown(Set.of(6, 7, 8, 9));
        assertThat(look().changed()).isEqualTo(Set.of(6, 8));
    }

    /** A runtime's child is born, changes its ids, and only then becomes what it is to be. */
    @Test
    void newbornIsNotBelievedBeforeItsExecOrItsTime() {
        happens(NOON, Kind.FORK, 7);
        happens(NOON, Kind.FORK, 8);
        happens(NOON, Kind.CREDENTIALS, 7);
        assertThat(look().witnessed()).isEmpty();
        happens(NOON.plusMillis(10), Kind.EXEC, 7);
        assertThat(look().witnessed()).isEqualTo(Map.of(7, new Witness(NOON.plusMillis(10), true)));

        changes.add(new EventBatch(List.of(), 0), NOON.plusMillis(1999), 0);
        assertThat(isAny()).isFalse();
        changes.add(new EventBatch(List.of(), 0), NOON.plusMillis(2000), 0);
        Occasion ripe = look();
        assertThat(ripe.changed()).isEqualTo(Set.of(8));
        assertThat(ripe.witnessed().get(8)).isEqualTo(new Witness(NOON, true));
    }

    @Test
    void ofAProcessThatComesAndGoesBetweenTwoLooksNothingIsLeft() {
        for (int pid = 100; pid < 100 + 2 * Changes.MOST; pid++) {
            happens(NOON, Kind.FORK, pid);
            happens(NOON, Kind.EXEC, pid);
            happens(NOON, Kind.EXIT, pid);
        }
        assertThat(isAny()).isFalse();
        assertThat(changes.isScanWanted()).isFalse();
        assertThat(look().witnessed()).isEmpty();
    }

    @Test
    void endOfAProcessThatMayHaveBeenReadIsReadAgain() {
        happens(NOON, Kind.EXIT, 5);
        assertThat(look().changed()).isEqualTo(Set.of(5));

        // Born while a scan reads: it may have been read, whenever it ends.
        changes.beginScan();
        happens(NOON, Kind.FORK, 7);
        happens(NOON, Kind.EXIT, 7);
        happens(NOON, Kind.FORK, 8);
        changes.endLook();
        happens(NOON, Kind.EXIT, 8);
        assertThat(look().changed()).isEqualTo(Set.of(7, 8));
    }

    /** One that was not asked for cannot have read him. */
    @Test
    void endOfWhoWasBornWhileOthersWereLookedAtIsForNobodyToLookAt() {
        happens(NOON, Kind.EXEC, 5);
        changes.beginLook();
        happens(NOON, Kind.FORK, 7);
        happens(NOON, Kind.LIFE, 8);
        happens(NOON, Kind.EXEC, 7);
        changes.endLook();
        happens(NOON, Kind.EXIT, 7);
        assertThat(isAny()).isFalse();

        happens(NOON, Kind.FORK, 9);
        happens(NOON, Kind.EXEC, 9);
        look();
        happens(NOON, Kind.EXIT, 9);
        assertThat(look().changed()).isEqualTo(Set.of(9));
    }

    @Test
    void wholeLifeIsForNobodyToLookAtUnlessItBeganBeforeAScanEnded() {
        hears(Kind.LIFE, 5, 10);
        assertThat(isAny()).isFalse();

        changes.beginScan();
        hears(Kind.LIFE, 6, 20);
        nanos = 30;
        changes.endLook();
        hears(Kind.LIFE, 7, 25);
        hears(Kind.LIFE, 8, 31);
        assertThat(look().changed()).isEqualTo(Set.of(6, 7));
    }

    /** However late its birth is told, and in however many batches. */
    @Test
    void endOfWhoWasBornBeforeAScanEndedIsLookedAt() {
        changes.beginScan();
        nanos = 30;
        changes.endLook();
        hears(Kind.FORK, 5, 20);
        hears(Kind.FORK, 7, 29);
        hears(Kind.FORK, 8, 31);
        hears(Kind.EXIT, 7, 40);
        hears(Kind.EXIT, 8, 41);
        assertThat(look().changed()).isEqualTo(Set.of(7));
    }

    /** Somebody is told of by his move into a cgroup before his birth is. */
    @Test
    void endOfWhoWasLookedAtBeforeHisBirthWasToldIsLookedAt() {
        changes.addMoved(Set.of(7, 8, 9), NOON);
        changes.beginLook();
        nanos = 30;
        changes.endLook();
        hears(Kind.LIFE, 7, 20);
        hears(Kind.FORK, 8, 21);
        hears(Kind.FORK, 9, 31);
        hears(Kind.EXIT, 8, 40);
        hears(Kind.EXIT, 9, 41);
        assertThat(look().changed()).isEqualTo(Set.of(7, 8));
    }

    @Test
    void endThatIsStillToBeLookedAtStaysSoWhenTheNumberIsGivenAwayAgain() {
        hears(Kind.EXIT, 7, 10);
        hears(Kind.LIFE, 7, 11);
        hears(Kind.EXIT, 8, 12);
        hears(Kind.FORK, 8, 13);
        hears(Kind.EXIT, 8, 14);
        assertThat(look().changed()).isEqualTo(Set.of(7, 8));
        assertThat(look().witnessed()).isEmpty();
    }

    /** Ids are told by another way, which may be the slower one. */
    @Test
    void changeOfIdsThatIsToldLateTakesNothingBack() {
        hears(Kind.EXEC, 7, 20_000_000);
        hears(Kind.CREDENTIALS, 7, 10_000_000);
        assertThat(look().witnessed().get(7)).isEqualTo(new Witness(NOON.plusMillis(20), true));
    }

    @Test
    void numberThatIsGivenAwayAgainIsAnotherProcess() {
        happens(NOON, Kind.EXEC, 7);
        happens(NOON, Kind.EXIT, 7);
        happens(NOON, Kind.FORK, 7);
        assertThat(look().witnessed()).isEmpty();
    }

    @Test
    void lossForgetsWhatWasBelievedAndWantsAScan() {
        happens(NOON, Kind.EXEC, 7);
        changes.add(new EventBatch(List.of(), 41), NOON, 0);
        changes.add(new EventBatch(List.of(), 1), NOON, 0);
        assertThat(changes.lost()).isEqualTo(42);
        assertThat(changes.isScanWanted()).isTrue();
        assertThat(changes.beginScan()).isEqualTo(Occasion.SCAN);
        assertThat(changes.isScanWanted()).isFalse();
        assertThat(changes.lost()).isEqualTo(42);
    }

    @Test
    void moreThanCanBeKeptIsALossToo() {
        changes.add(new EventBatch(each(Kind.FORK, 1, Changes.MOST + 1), 0), NOON, 0);
        assertThat(changes.isScanWanted()).isTrue();
        assertThat(isAny()).isFalse();
    }

    @Test
    void changedMountsAreReadAgainForAllWhoSeeThemAndToldOfOnce() {
        happens(NOON, Kind.EXEC, 7);
        changes.addMounts(Set.of(7, 8), Optional.of(NOON.plusSeconds(60)));
        Occasion look = look();
        assertThat(look.changed()).isEqualTo(Set.of(7, 8));
        assertThat(look.witnessed())
                .isEqualTo(Map.of(
                        7, new Witness(NOON.plusSeconds(60), true), 8, new Witness(NOON.plusSeconds(60), false)));
        happens(NOON.plusSeconds(61), Kind.CREDENTIALS, 9);
        assertThat(look().witnessed()).containsOnlyKeys(7, 9).containsEntry(7, new Witness(NOON, true));
    }

    /** A runtime that sets a container up mounts all the time. */
    @Test
    void mountsOfTheNewbornAreNoProof() {
        happens(NOON, Kind.FORK, 7);
        changes.addMounts(Set.of(7), Optional.of(NOON.plusMillis(5)));
        assertThat(look().witnessed()).isEmpty();
    }

    @Test
    void mountTableThatIsWatchedAnewIsReadAgainWithoutBeingProof() {
        changes.addMounts(Set.of(7), Optional.empty());
        Occasion look = look();
        assertThat(look.changed()).isEqualTo(Set.of(7));
        assertThat(look.witnessed()).isEmpty();
    }

    @Test
    void whatALookThatFailedWasBegunForIsLookedAtAgain() {
        happens(NOON, Kind.EXEC, 7);
        changes.addMounts(Set.of(8), Optional.of(NOON.plusSeconds(1)));
        Occasion failed = changes.beginLook();
        assertThat(isAny()).isFalse();
        happens(NOON, Kind.EXEC, 9);
        changes.takeBack();
        Occasion again = look();
        assertThat(again.changed()).isEqualTo(Set.of(7, 8, 9));
        assertThat(again.witnessed()).containsAllEntriesOf(failed.witnessed());
        assertThat(isAny()).isFalse();
    }

    @Test
    void scanThatFailedAfterALossIsStillWanted() {
        changes.add(new EventBatch(List.of(), 1), NOON, 0);
        changes.beginScan();
        changes.takeBack();
        assertThat(changes.isScanWanted()).isTrue();
        changes.beginScan();
        changes.endLook();
        assertThat(changes.isScanWanted()).isFalse();
    }

    @Test
    void whoCameIntoAnotherCgroupIsReadAgain() {
        happens(NOON, Kind.FORK, 8);
        changes.addMoved(Set.of(7, 8), NOON.plusSeconds(1));
        Occasion look = look();
        assertThat(look.changed()).isEqualTo(Set.of(7, 8));
        assertThat(look.witnessed()).isEqualTo(Map.of(7, new Witness(NOON.plusSeconds(1), false)));
        assertThat(isAny()).isFalse();
    }

    /** It is found to be so soon enough; what may be out of true is not kept waiting. */
    @Test
    void endWaitsForWhatComesNextButNotForLong() {
        changes.add(new EventBatch(List.of(new ProcessEvent(Kind.EXIT, 7, 0)), 0), NOON, 0);
        nanos += 150_000_000;
        assertThat(changes.isDue()).isFalse();
        happens(NOON, Kind.EXIT, 8);
        nanos += 50_000_000;
        assertThat(changes.isDue()).isTrue();
        assertThat(look().changed()).isEqualTo(Set.of(7, 8));
        happens(NOON, Kind.EXIT, 9);
        happens(NOON, Kind.EXEC, 10);
        assertThat(changes.isDue()).isTrue();
        assertThat(look().changed()).isEqualTo(Set.of(9, 10));
    }

    /** A runtime's child is moved, changes its ids, gets its mounts: of who has had no exec nothing is judged yet. */
    @Test
    void whatARuntimeDoesToANewbornWaitsForItsExec() {
        happens(NOON, Kind.FORK, 7);
        changes.addMoved(Set.of(7), NOON);
        happens(NOON, Kind.CREDENTIALS, 7);
        changes.addMounts(Set.of(7), Optional.of(NOON));
        assertThat(changes.isDue()).isFalse();
        happens(NOON, Kind.EXEC, 7);
        assertThat(changes.isDue()).isTrue();
        assertThat(look().changed()).isEqualTo(Set.of(7));
        changes.addMoved(Set.of(7), NOON);
        assertThat(changes.isDue()).isTrue();
    }

    @Test
    void whatALookWasToSeeThatFailedIsNotKeptWaiting() {
        happens(NOON, Kind.EXIT, 7);
        changes.beginLook();
        assertThat(isAny()).isFalse();
        changes.takeBack();
        assertThat(changes.isDue()).isTrue();
    }

    /** Is there something, even if nobody is in a hurry for it? */
    private boolean isAny() {
        nanos += 1_000_000_000;
        boolean any = changes.isDue();
        nanos -= 1_000_000_000;
        return any;
    }

    private Occasion look() {
        Occasion occasion = changes.beginLook();
        changes.endLook();
        return occasion;
    }

    private void happens(Instant when, Kind kind, int pid) {
        changes.add(new EventBatch(List.of(new ProcessEvent(kind, pid, 0)), 0), when, 0);
    }

    /** @param at of the events' clock, in ns */
    private void hears(Kind kind, int pid, long at) {
        changes.add(new EventBatch(List.of(new ProcessEvent(kind, pid, at)), 0), NOON.plusNanos(at), at);
    }

    /** The same of so many processes, from this number on. */
    private static List<ProcessEvent> each(Kind kind, int first, int count) {
        List<ProcessEvent> events = new ArrayList<>();
        for (int pid = first; pid < first + count; pid++) {
            events.add(new ProcessEvent(kind, pid, 0));
        }
        return events;
    }
}
