package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Cause;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.OciBundle.BundleMount;
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

    /** As it was after {@code mount -o remount,rw /sys}: a file of it names a program that the kernel runs as root of the node. */
    @Test
    void writableSysIsDrift() {
        String line = "396 391 0:174 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw";
        Finding finding = pod("{}")
                .with(main().mounts(Mounts.ofContainer().without("/sys").with(line)))
                .finding(CHECK);

        assertThat(finding.effective()).containsExactly("/sys (writable)");
        assertThat(finding.evidence()).extracting(Evidence::line).containsExactly(line);
    }

    @Test
    void sysThatAVolumeOrThatAUserNamespaceWithTheHostsNetworkHasIsNoDrift() {
        Mounts writable = Mounts.ofContainer().without("/sys").with("396 391 0:21 / /sys rw,nosuid - sysfs sysfs rw");

        assertThat(Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  containers: [{name: main, volumeMounts: [{name: sys, mountPath: /sys/}]}]
                  volumes: [{name: sys, hostPath: {path: /sys}}]
                """).with(main().mounts(writable)).drift()).isEmpty();
        assertThat(Nodes.node()
                        .pods(
                                "metadata: {name: web}\nspec: {hostNetwork: true, hostUsers: false, containers: [{name: main}]}")
                        .with(main().host(NamespaceType.NET, NamespaceType.UTS)
                                .userNamespace(200_000, 65_536)
                                .mounts(writable))
                        .drift())
                .isEmpty();
    }

    /** Under version 1 each controller has a mount of its own, and {@code release_agent} runs a program on the node. */
    @Test
    void cgroupsThatTheRuntimeMountedReadOnlyAndThatCanBeWrittenToAreDrift() {
        OciBundle bundle = Bundles.of("web", "main")
                .mounts(
                        new BundleMount("/sys", "sysfs", "sysfs", List.of("nosuid", "ro")),
                        new BundleMount("/sys/fs/cgroup", "cgroup", "cgroup", List.of("nosuid", "ro")))
                .bundle();
        String memory = "399 397 0:32 /kubepods /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory";
        Mounts controllers = Mounts.ofContainer()
                .without("/sys/fs/cgroup")
                .with(
                        "397 396 0:178 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs rw,mode=755",
                        "398 397 0:31 /kubepods /sys/fs/cgroup/cpu ro,nosuid - cgroup cgroup rw,cpu");

        Finding finding = pod("{}")
                .bundles(bundle)
                .with(main().mounts(controllers.with(memory)))
                .finding(CHECK);

        assertThat(finding.effective()).containsExactly("/sys/fs/cgroup (writable)");
        assertThat(finding.cause()).isEqualTo(Cause.AFTER_START);
        assertThat(finding.evidence()).extracting(Evidence::line).containsExactly(memory);
        assertThat(pod("{}").bundles(bundle).with(main().mounts(controllers)).drift())
                .isEmpty();
        // What a container that may make namespaces delegates in one of them; and what the runtime itself made
        // writable.
        assertThat(pod("{}")
                        .bundles(bundle)
                        .with(
                                main().mounts(controllers),
                                Processes.of(101, "web", "main").parent(100).mounts(controllers.with(memory)))
                        .drift())
                .isEmpty();
        assertThat(pod("{}")
                        .bundles(Bundles.of("web", "main").bundle())
                        .with(main().mounts(controllers.with(memory)))
                        .drift())
                .isEmpty();
    }

    /** As runc's container had it after {@code mount -t proc proc /proc}: the masks are still in the table, and out of sight. */
    @Test
    void maskUnderANewMountIsGone() {
        Mounts newProc = Mounts.ofContainer().with("6336 392 0:563 / /proc rw,relatime - proc proc rw");

        Finding finding = pod("{}").with(main().mounts(newProc)).finding(CHECK);

        assertThat(finding.effective()).contains("/proc/keys", "/proc/kcore", "/proc/sys (writable)");
        assertThat(finding.evidence().get(0).line()).isEqualTo("6336 392 0:563 / /proc rw,relatime - proc proc rw");
        // What covers all of it covers each mask's path too.
        assertThat(pod("{}")
                        .with(main().mounts(newProc.with("6337 6336 0:564 / /proc rw - tmpfs tmpfs rw")))
                        .drift())
                .isEmpty();
    }

    /** A bind mount without those below it, and a new instance: the masks lie over the other one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "6336 391 0:171 / /tmp/p rw,relatime - proc proc rw",
                "6336 391 0:563 / /tmp/p rw,relatime - proc proc rw",
                "6336 391 0:171 /sys/kernel /tmp/p rw,relatime - proc proc rw",
                "6336 391 0:171 /keys /tmp/p rw,relatime - proc proc rw",
                "6336 391 0:174 /firmware /tmp/p ro,relatime - sysfs sysfs ro"
            })
    void whatIsMaskedShowsInAnotherMount(String line) {
        Finding finding =
                pod("{}").with(main().mounts(Mounts.ofContainer().with(line))).finding(CHECK);

        assertThat(finding.effective()).singleElement().asString().endsWith(" at /tmp/p");
        assertThat(finding.evidence())
                .singleElement()
                .satisfies(evidence -> assertThat(evidence.line()).isEqualTo(line));
    }

    @Test
    void otherMountOfProcShowsNothingThatIsMasked() {
        Mounts masksToo = Mounts.ofContainer()
                .with(
                        "6336 391 0:171 / /tmp/p ro,relatime - proc proc rw",
                        "6337 6336 0:176 / /tmp/p/acpi ro - tmpfs tmpfs ro",
                        "6338 6336 0:172 /null /tmp/p/kcore rw - tmpfs tmpfs rw",
                        "6339 6336 0:172 /null /tmp/p/keys rw - tmpfs tmpfs rw",
                        "6340 6336 0:172 /null /tmp/p/timer_list rw - tmpfs tmpfs rw",
                        "6341 391 0:171 /net /tmp/net rw - proc proc rw",
                        "6342 391 0:174 /class/net /tmp/class rw - sysfs sysfs rw");

        assertThat(pod("{}").with(main().mounts(masksToo)).drift()).isEmpty();
    }

    /** Agents that watch the node do so. */
    @Test
    void volumeOfTheNodesProcIsDeclared() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  containers: [{name: main, volumeMounts: [{name: proc, mountPath: /host/proc}, {name: sys, mountPath: /host/sys}]}]
                  volumes: [{name: proc, hostPath: {path: /proc}}, {name: sys, hostPath: {path: /sys}}]
                """);

        assertThat(node.with(main().mounts(Mounts.ofContainer()
                                .with(
                                        "6336 391 0:20 / /host/proc rw - proc proc rw",
                                        "6337 391 0:21 / /host/sys rw - sysfs sysfs rw")))
                        .drift())
                .isEmpty();
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
