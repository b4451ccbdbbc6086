package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.IdMap;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The first process is who the spec says; whom it starts is its own affair. */
class UserCheckTest {

    private static final String CHECK = "user";

    @Test
    void containersWordStandsOverThePods() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  securityContext: {runAsUser: 1000}
                  containers: [{name: main}, {name: other, securityContext: {runAsUser: 2000}}]
                """);

        assertThat(node.with(main().uid(1000), Processes.of(110, "web", "other").uid(1000))
                        .finding(CHECK)
                        .message())
                .isEqualTo("the first process of shop/web (container other) runs as uid 1000, declared is 2000");
    }

    @Test
    void effectiveIdCountsAndLaterProcessesDoNot() {
        Processes first = main().uid(1000);
        Processes later =
                Processes.of(101, "web", "main").besides(first).parent(100).uid(7);

        assertThat(pod("{runAsUser: 1000}")
                        .with(first, later)
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
        assertThat(pod("{runAsUser: 1000}")
                        .with(main().uids(1000, 0, 0, 0))
                        .finding(CHECK)
                        .severity())
                .isEqualTo(Severity.MEDIUM);
    }

    @Test
    void mapThatCannotBeReadLeavesItOpen() {
        Verdict verdict = pod("{runAsUser: 1000}")
                .with(main().uid(201_000).idMaps(new Reading.Unreadable<>("/proc/100/uid_map", "EACCES")))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
        assertThat(verdict.effective()).containsExactly("uid 201000 of the host");
    }

    /** {@code unshare -r}: whoever he calls himself there, he is whom the container was started as. */
    @Test
    void userIsTheSameInAUserNamespaceThatTheContainerMade() {
        assertThat(pod("{runAsUser: 1000}")
                        .with(main().uid(1000).userNamespace(1000, 1))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .effective())
                .containsExactly("uid 1000");
        assertThat(pod("{runAsUser: 1000}")
                        .with(main().uid(0)
                                .userNamespace(0, 1)
                                .idMaps(Reading.of(new IdMap(List.of(new IdMap.Range(1000, 0, 1))))))
                        .finding(CHECK)
                        .message())
                .as("root who calls himself 1000")
                .contains("runs as uid 0, declared is 1000");
    }

    @Test
    void withoutAPromiseTheUserIsShown() {
        Verdict verdict = pod("{}").with(main().uid(33)).verdict(CHECK, "main").orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.expected()).containsExactly("any uid");
        assertThat(verdict.effective()).containsExactly("uid 33");
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
