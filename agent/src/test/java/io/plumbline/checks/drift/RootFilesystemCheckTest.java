package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A read-only root, in every mount namespace of the container. */
class RootFilesystemCheckTest {

    private static final String CHECK = "root-filesystem";
    private static final String PROMISED = "{readOnlyRootFilesystem: true}";

    @Test
    void eachMountNamespaceOfTheContainerIsJudged() {
        Processes first = main().mounts(Mounts.ofContainer().readOnlyRoot());
        Processes apart = Processes.of(101, "web", "main").parent(100).mounts(Mounts.ofContainer());

        Finding finding = pod(PROMISED).with(first, apart).finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101);
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/101/mountinfo");
    }

    /** Who was there goes on below what is mounted over the root; who comes later has that as its root. */
    @Test
    void writableRootUnderOrOverAReadOnlyOneIsDrift() {
        String readOnlyOver = "6367 391 0:566 / / ro,relatime - tmpfs tmpfs ro";
        String writableOver = "6367 391 0:566 / / rw,relatime - tmpfs tmpfs rw";
        Mounts readOnly = Mounts.ofContainer().readOnlyRoot();

        assertThat(pod(PROMISED)
                        .with(main().mounts(Mounts.ofContainer().with(readOnlyOver)))
                        .finding(CHECK)
                        .evidence())
                .singleElement()
                .satisfies(evidence -> assertThat(evidence.line()).contains(" / / rw,"));
        assertThat(pod(PROMISED)
                        .with(main().mounts(readOnly.with(writableOver)))
                        .finding(CHECK)
                        .evidence())
                .singleElement()
                .satisfies(evidence -> assertThat(evidence.line()).isEqualTo(writableOver));
        assertThat(pod(PROMISED)
                        .with(main().mounts(readOnly.with(readOnlyOver)))
                        .drift())
                .isEmpty();
    }

    /** Sandboxes of browsers and of build tools do so, and need no right for it: the container's root is as read-only as before. */
    @Test
    void rootThatAProcessMadeForItselfInItsOwnUserNamespaceIsNotTheContainers() {
        Processes first = main().mounts(Mounts.ofContainer().readOnlyRoot());
        Mounts inMemory = Mounts.of("700 1 0:200 / / rw - tmpfs none rw");
        Mounts same = Mounts.of("700 1 0:168 / / rw - overlay overlay rw,upperdir=/u");
        Mounts disk = Mounts.of("700 1 254:0 /srv / rw - ext4 /dev/vda rw");

        assertThat(pod(PROMISED).with(first, sandbox(inMemory)).verdict(CHECK, "main"))
                .hasValueSatisfying(verdict -> {
                    assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
                    assertThat(verdict.effective()).containsExactly("read-only");
                });
        for (Processes other :
                List.of(sandbox(same), sandbox(disk), sandbox(inMemory).host(NamespaceType.USER))) {
            assertThat(pod(PROMISED).with(first, other).finding(CHECK).processes())
                    .extracting(Finding.ProcessReference::pid)
                    .containsExactly(101);
        }
    }

    /** docker in a privileged container: its own containers' roots are writable, and in a pid namespace that is not the container's. */
    @Test
    void rootOfAContainerInTheContainerIsItsOwn() {
        Processes first = main().mounts(Mounts.ofContainer().readOnlyRoot());
        Mounts inner = Mounts.of("700 1 0:200 / / rw - overlay overlay rw,upperdir=/var/lib/docker/u");
        Processes joined = Processes.of(101, "web", "main").parent(100).mounts(inner);

        assertThat(pod(PROMISED)
                        .with(first, joined.joins(first, NamespaceType.PID))
                        .finding(CHECK)
                        .processCount())
                .isEqualTo(1);
        Processes nested = Processes.of(101, "web", "main")
                .parent(100)
                .namespace(NamespaceType.PID, Reading.of(4026539999L))
                .mounts(inner);
        assertThat(pod(PROMISED).with(first, nested).verdict(CHECK, "main"))
                .hasValueSatisfying(verdict -> assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS));
    }

    private static Processes sandbox(Mounts mounts) {
        return Processes.of(101, "web", "main")
                .parent(100)
                .joins(main(), NamespaceType.PID)
                .userNamespace(1000, 1)
                .mounts(mounts);
    }

    /** Its root is the host's, which is writable of course: host-mount says what is wrong. */
    @Test
    void whoIsOutInTheHostsNamespaceIsTheAffairOfHostMount() {
        Processes escaped = Processes.of(101, "web", "main")
                .besides(main())
                .host(NamespaceType.MNT)
                .mounts(Mounts.ofHost());

        Nodes node = pod(PROMISED).with(main().mounts(Mounts.ofContainer().readOnlyRoot()), escaped);

        assertThat(node.drift()).extracting(Finding::check).containsExactly("host-mount");
    }

    @Test
    void tableThatCannotBeReadIsUndeterminedOnlyWhereItWasPromised() {
        Processes hidden = main().mounts(new Reading.Unreadable<>("/proc/100/mountinfo", "EACCES"));

        assertThat(pod(PROMISED)
                        .with(hidden)
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
        assertThat(pod("{}").with(hidden).verdict(CHECK, "main").orElseThrow().outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    /** Of a process in a chroot the kernel shows the mount at its root as that at {@code /}; the container's is not seen. */
    @Test
    void rootOfAChrootIsNotTheContainers() {
        Mounts jail = Mounts.of("600 391 254:0 /srv / rw - ext4 /dev/vda rw");

        assertThat(pod(PROMISED)
                        .with(main().mounts(jail.inChroot("/host")))
                        .verdict(CHECK, "main")
                        .orElseThrow())
                .satisfies(verdict -> {
                    assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
                    assertThat(verdict.effective()).isEmpty();
                });
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
