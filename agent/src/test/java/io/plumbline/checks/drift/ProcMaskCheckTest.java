package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What covers /proc and /sys. */
class ProcMaskCheckTest {

    private static final String CHECK = "proc-mask";

    @ParameterizedTest
    @ValueSource(strings = {"/proc/kcore", "/proc/keys", "/proc/acpi", "/sys/firmware"})
    void maskThatIsGoneIsDrift(String path) {
        Finding finding = pod("{}")
                .with(main().mounts(Mounts.ofContainer().without(path)))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.effective()).containsExactly(path);
    }

    @Test
    void readOnlyPathThatIsWritableIsDrift() {
        Mounts remounted = Mounts.ofContainer()
                .without("/proc/sys")
                .with("356 392 0:171 /sys /proc/sys rw,nosuid,nodev,noexec,relatime - proc proc rw");

        assertThat(pod("{}").with(main().mounts(remounted)).finding(CHECK).effective())
                .containsExactly("/proc/sys (writable)");
        assertThat(pod("{}")
                        .with(main().mounts(Mounts.ofContainer().without("/proc/sys")))
                        .finding(CHECK)
                        .effective())
                .containsExactly("/proc/sys (writable)");
    }

    /** {@code /proc/scsi} is masked by default, and this node has none. */
    @Test
    void whatTheNodeHasNotNeedsNoMask() {
        assertThat(pod("{}").with(main()).verdict(CHECK, "main").orElseThrow().expected())
                .contains("/proc/kcore")
                .doesNotContain("/proc/scsi");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{privileged: true}", "{procMount: Unmasked}"})
    void whereNothingIsPromisedItIsToldWhetherTheKernelsFilesShow(String context) {
        Mounts open = Mounts.of(
                "391 352 0:168 / / rw - overlay overlay rw",
                "392 391 0:171 / /proc rw - proc proc rw",
                "396 391 0:174 / /sys rw - sysfs sysfs rw");

        Verdict verdict = pod(context)
                .with(main().mounts(open).capabilities(Processes.DEFAULT_CAPABILITIES))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.effective()).containsExactly("not covered");
        assertThat(verdict.evidence().get(0).line()).contains(" /proc ");
    }

    @Test
    void maskBeyondTheDefaultThatTheRuntimeWasToldHasToStay() {
        Nodes node = pod("{}")
                .bundles(Bundles.of("web", "main")
                        .masks(List.of("/proc/interrupts"), List.of())
                        .bundle());
        Mounts with = Mounts.ofContainer().with("363 392 0:172 /null /proc/interrupts rw,nosuid - tmpfs tmpfs rw");

        assertThat(node.with(main().mounts(with)).drift()).isEmpty();
        // That it exists on the node is seen in another container which still has it.
        assertThat(node.with(
                                Processes.of(100, "web", "main"),
                                Processes.of(101, "web", "main").parent(100).mounts(with.without("/proc/interrupts")))
                        .finding(CHECK)
                        .effective())
                .containsExactly("/proc/interrupts");
    }

    /** What hides behind a chroot, or in a table that cannot be read, is not said to be covered. */
    @Test
    void masksThatCannotBeSeenAreOpen() {
        Mounts jail = Mounts.of("600 391 254:0 /srv / rw - ext4 /dev/vda rw");
        for (Reading<MountTable> seen :
                List.of(jail.inChroot("/host"), new Reading.Unreadable<MountTable>("/proc/100/mountinfo", "EACCES"))) {
            Verdict verdict =
                    pod("{}").with(main().mounts(seen)).verdict(CHECK, "main").orElseThrow();

            assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
            assertThat(verdict.effective()).isEmpty();
        }
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
