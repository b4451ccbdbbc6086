package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;

/** Declared groups are held; others are the image's, or nobody's under the policy Strict. */
class GroupsCheckTest {

    private static final String CHECK = "groups";

    @Test
    void missingGroupOfAFirstProcessThatIsStillItselfIsDrift() {
        Finding finding = pod("{fsGroup: 555, supplementalGroups: [666]}")
                .with(main().groups(555))
                .finding(CHECK);

        assertThat(finding.message()).contains("lacks declared groups 666");
        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
    }

    @Test
    void otherPrimaryGroupThanTheDeclaredOneIsDrift() {
        Finding finding = pod("{runAsGroup: 3000}").with(main().uid(0).gid(0)).finding(CHECK);

        assertThat(finding.message()).isEqualTo("shop/web (container main) runs with gid 0, declared is 3000");
        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.evidence().get(0).line()).isEqualTo("Gid:\t0\t0\t0\t0");
        assertThat(pod("{runAsGroup: 3000}").with(main().uid(33).gid(33)).drift())
                .as("a server that changed its user")
                .isEmpty();
        assertThat(pod("{runAsGroup: 0}").with(main().uid(0).gid(33)).drift())
                .as("root's given up")
                .isEmpty();
    }

    /** It maps its own group to root's and no other. */
    @Test
    void groupsAreTheSameInAUserNamespaceThatTheContainerMade() {
        Nodes strict = pod("{runAsUser: 1000, runAsGroup: 1000, fsGroup: 555, supplementalGroupsPolicy: Strict}");
        Processes nested = main().uid(1000).gid(1000).groups(555, 1000).userNamespace(1000, 1);

        assertThat(strict.with(nested).verdict(CHECK, "main").orElseThrow().outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    @Test
    void primaryGroupCountsAsHeld() {
        assertThat(pod("{fsGroup: 555}").with(main().gid(555)).drift()).isEmpty();
    }

    @Test
    void serverThatChangedItsUserChangedItsGroupsToo() {
        assertThat(pod("{fsGroup: 555}").with(main().uid(33).gid(33)).drift()).isEmpty();
    }

    @Test
    void underStrictEveryProcessCounts() {
        Processes first = main().groups(555);
        Processes later =
                Processes.of(101, "web", "main").besides(first).parent(100).groups(555, 7);

        Finding finding = pod("{fsGroup: 555, supplementalGroupsPolicy: Strict}")
                .with(first, later)
                .finding(CHECK);

        assertThat(finding.message()).contains("holds groups that nothing declares: 7");
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101);
        assertThat(pod("{fsGroup: 555}").with(first, later).drift()).isEmpty();
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {securityContext: " + context + ", containers: [{name: main}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
