package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Pods;
import io.plumbline.model.DeclaredNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a kubelet of 1.20 answered that was started again beside 60 static pods: none for seconds, then one after the other. */
class MissedPodsTest {

    private static final Instant NOW = Instant.parse("2026-11-20T21:48:01Z");
    private static final DeclaredNode BOTH = Pods.read("metadata: {name: web}\n---\nmetadata: {name: db}");
    private static final DeclaredNode NONE = BOTH.withPods(List.of());
    private static final Set<String> RUNNING = Set.of(Pods.uid("web"), Pods.uid("db"));

    private final MissedPods missed = new MissedPods();

    @Test
    void podsThatRunAreAsTheyWereUntilTheKubeletListsThemAgain() {
        assertThat(missed.complete(NONE, BOTH, RUNNING, NOW)).isEqualTo(BOTH);

        DeclaredNode one = Pods.read("metadata: {name: db, labels: {is: new}}");
        DeclaredNode whole = missed.complete(one, BOTH, RUNNING, NOW.plusSeconds(5));
        assertThat(whole.pods()).hasSize(2).contains(one.pods().get(0)).containsAnyElementsOf(BOTH.pods());
        assertThat(missed.complete(BOTH, whole, RUNNING, NOW.plusSeconds(10))).isSameAs(BOTH);
    }

    @Test
    void podThatIsListedBeforeItsContainersAreKnownIsMissedToo() {
        DeclaredNode bare =
                Pods.read("metadata: {name: web}\nstatus: {containerStatuses: []}\n---\nmetadata: {name: db}");

        assertThat(missed.complete(bare, BOTH, RUNNING, NOW).pods()).isEqualTo(BOTH.pods());
    }

    @Test
    void podWithoutProcessesIsGoneAtOnceAndAnyOtherAfterAWhile() {
        assertThat(missed.complete(NONE, BOTH, Set.of(), NOW)).isSameAs(NONE);

        assertThat(missed.complete(NONE, BOTH, RUNNING, NOW)).isEqualTo(BOTH);
        Duration almost = MissedPods.GRACE.minusMillis(1);
        assertThat(missed.complete(NONE, BOTH, RUNNING, NOW.plus(almost))).isEqualTo(BOTH);
        assertThat(missed.complete(NONE, BOTH, RUNNING, NOW.plus(MissedPods.GRACE)))
                .isSameAs(NONE);
    }

    /** As of an API server that is given 135 s: the kubelet drops a static pod from its list at once. */
    @Test
    void podThatIsGivenLongerToEndIsMissedForThatLong() {
        assertMissedFor(Duration.ofSeconds(165), "135");
        assertMissedFor(MissedPods.GRACE, "2");
        assertMissedFor(MissedPods.LONGEST.plus(MissedPods.CLEARING), "9223372036854775807");
    }

    private static void assertMissedFor(Duration grace, String period) {
        DeclaredNode one = Pods.read("metadata: {name: web}\nspec: {terminationGracePeriodSeconds: " + period + "}");
        MissedPods missed = new MissedPods();
        missed.complete(NONE, one, RUNNING, NOW);
        assertThat(missed.complete(NONE, one, RUNNING, NOW.plus(grace.minusMillis(1)))
                        .pods())
                .isEqualTo(one.pods());
        assertThat(missed.complete(NONE, one, RUNNING, NOW.plus(grace))).isSameAs(NONE);
    }

    @Test
    void clockThatIsSetBackMakesTheWhileNoLonger() {
        missed.complete(NONE, BOTH, RUNNING, NOW);

        assertThat(missed.complete(NONE, BOTH, RUNNING, NOW.minus(Duration.ofHours(2))))
                .isSameAs(NONE);
    }

    @Test
    void podThatWasListedInBetweenIsMissedAnew() {
        missed.complete(NONE, BOTH, RUNNING, NOW);
        missed.complete(BOTH, BOTH, RUNNING, NOW.plusSeconds(30));

        assertThat(missed.complete(NONE, BOTH, RUNNING, NOW.plus(MissedPods.GRACE)))
                .isEqualTo(BOTH);
    }
}
