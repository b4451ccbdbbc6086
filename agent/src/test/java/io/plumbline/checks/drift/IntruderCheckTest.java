package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is in a pod's namespaces and not in its cgroup. */
class IntruderCheckTest {

    private static final String CHECK = "intruder";

    @ParameterizedTest
    @ValueSource(strings = {"MNT", "PID", "NET"})
    void processOfTheHostInAContainersNamespaceIsAnIntruder(String type) {
        Processes entered = Processes.ofHost(300).program("/usr/bin/bash").joins(main(), NamespaceType.valueOf(type));

        Finding finding = node().with(main(), entered).finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.container().words()).isEqualTo("shop/web (container main)");
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(300);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MNT", "NET"})
    void threadOfTheHostAloneInAContainersNamespaceIsOneToo(String name) {
        NamespaceType type = NamespaceType.valueOf(name);
        Processes main = main();
        Reading<Long> joined = Reading.of(main.inode(type).orElseThrow());
        Processes entered = Processes.ofHost(300).program("/usr/bin/bash").threadIn(307, type, joined);
        Processes plugin = Processes.ofHost(301).program("/opt/cni/bin/bridge").threadIn(308, type, joined);

        Finding finding = node().with(main, entered, plugin).finding(CHECK);

        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(300);
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/300/task/307/ns/" + type.link());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/usr/bin/containerd-shim-runc-v2",
                "/usr/local/bin/kubelet",
                "/usr/bin/kubelet (deleted)",
                "/opt/cni/bin/bridge",
                "/usr/bin/conmon",
                "/usr/libexec/podman/rootlessport",
                "/x86_64-bottlerocket-linux-gnu/sys-root/usr/bin/containerd"
            })
    void nodesOwnProgramsAreNone(String program) {
        Processes own = Processes.ofHost(300).program(program).joins(main(), NamespaceType.NET);

        assertThat(node().with(main(), own).drift()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/kubelet", "/dev/shm/containerd-shim-runc-v2", "/home/eve/opt/cni/bin/bridge"})
    void lookAlikeInAWritablePlaceIsOne(String program) {
        Processes disguised = Processes.ofHost(300).program(program).joins(main(), NamespaceType.NET);

        assertThat(node().with(main(), disguised).finding(CHECK).processCount()).isEqualTo(1);
    }

    /** {@code kubectl port-forward} on a node whose runtime is asked through cri-dockerd. */
    @Test
    void socatThatForwardsAPortIsNoneButWhereTheRuntimeStartedIt() {
        Processes runtime = Processes.ofHost(300).program("/usr/bin/cri-dockerd");
        Processes shell = Processes.ofHost(301).program("/usr/bin/bash");
        Processes forwarding =
                Processes.ofHost(302).program("/usr/bin/socat").parent(300).joins(main(), NamespaceType.NET);
        Processes entered =
                Processes.ofHost(303).program("/usr/bin/socat").parent(301).joins(main(), NamespaceType.NET);

        assertThat(node().with(main(), runtime, shell, forwarding, entered)
                        .finding(CHECK)
                        .processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(303);
    }

    /** Moved out of its cgroup, with the name of a program of the node. */
    @Test
    void programOfTheContainersImageIsNoneOfTheNodes() {
        Processes main = main();
        Processes out =
                Processes.ofHost(300).program("/usr/bin/conmon").joins(main, NamespaceType.MNT, NamespaceType.NET);

        assertThat(node().with(main, out.origin(ExecutableOrigin.Kind.IMAGE, "/u/usr/bin/conmon: absent"))
                        .finding(CHECK)
                        .processCount())
                .isEqualTo(1);
    }

    @Test
    void networkOfThePodIsToldOfItsContainerAndNotOfItsSandbox() {
        Processes sandbox = Processes.sandbox(99, "web");
        Processes entered = Processes.ofHost(300).joins(sandbox, NamespaceType.NET);

        assertThat(node().with(sandbox, main().inPodOf(sandbox), entered)
                        .finding(CHECK)
                        .container()
                        .container())
                .contains("main");
    }

    @Test
    void containerOfNoPodThatJoinsAPodsNetworkIsOne() {
        String id = "ab".repeat(32);
        Processes guest = Processes.process(400)
                .cgroup("/docker/" + id)
                .age(Duration.ofMinutes(5))
                .joins(main(), NamespaceType.NET);
        OciBundle bundle = Bundles.of(id)
                .runtime("docker", "moby")
                .namespace(NamespaceType.NET, "/proc/100/ns/net")
                .bundle();

        assertThat(node().bundles(bundle).with(main(), guest).finding(CHECK).processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(400);
    }

    @Test
    void newcomerIsNotJudgedYet() {
        Processes entering = Processes.ofHost(300)
                .program("/usr/bin/bash")
                .age(Duration.ofSeconds(1))
                .joins(main(), NamespaceType.NET);

        assertThat(node().with(main(), entering).drift()).isEmpty();
    }

    private static Nodes node() {
        return Nodes.node().pods("metadata: {name: web}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
