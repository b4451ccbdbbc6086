package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.NodeView;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.scan.Evaluation;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes in the kubelet's cgroups that are of no container of it. */
class OrphanProcessCheckTest {

    private static final String CHECK = "orphan-process";
    /** Kata has its monitor and its shim in a cgroup of the pod that is called after the sandbox, and is no container. */
    @ParameterizedTest
    @ValueSource(strings = {"/opt/kata/bin/qemu-system-x86_64", "/opt/kata/bin/containerd-shim-kata-v2"})
    void monitorOfASandboxedRuntimeIsNoOrphanWhereAClassIsDeclared(String program) {
        Processes monitor = Processes.ofHost(300)
                .program(program)
                .age(Duration.ofMinutes(5))
                .cgroup("/kubepods/burstable/pod" + Pods.uid("web") + "/kata_" + "ab".repeat(32));

        assertThat(Nodes.node()
                        .pods("metadata: {name: web}\nspec: {runtimeClassName: kata, containers: [{name: main}]}")
                        .with(monitor)
                        .drift())
                .isEmpty();
        assertThat(Nodes.node()
                        .pods("metadata: {name: web}\nspec: {containers: [{name: main}]}")
                        .with(monitor)
                        .drift())
                .extracting(Finding::check)
                .contains("orphan-process");
    }

    private static final String STRANGE = "ab".repeat(32);

    @Test
    void kubeletThatHasJustStartedDoesNotKnowItsPodsYet() {
        assertThat(besideKubeletOf(Duration.ofSeconds(29)).drift()).isEmpty();
        assertThat(besideKubeletOf(Duration.ofSeconds(30)).drift())
                .extracting(Finding::check)
                .containsExactly(CHECK);
    }

    private static Nodes besideKubeletOf(Duration age) {
        return Nodes.node()
                .pods("metadata: {name: web}")
                .with(
                        Processes.ofHost(50).program("/usr/bin/kubelet").age(age),
                        Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("gone") + "/" + STRANGE));
    }

    @Test
    void podThatTheKubeletDoesNotKnowIsNamedByItsUid() {
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("gone") + "/" + STRANGE))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.container().pod()).isEmpty();
        assertThat(finding.container().podUid()).isEqualTo(Pods.uid("gone"));
        assertThat(finding.message())
                .isEqualTo("1 process in a pod's cgroup (pod UID " + Pods.uid("gone") + ", container " + STRANGE
                        + ") that the kubelet does not know");
    }

    @Test
    void podThatItKnowsIsNamedByItsName() {
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("web") + "/" + STRANGE))
                .finding(CHECK);

        assertThat(finding.container().words()).isEqualTo("shop/web (container " + STRANGE + ")");
        assertThat(finding.container().podUid()).isEqualTo(Pods.uid("web"));
    }

    @Test
    void processInThePodsOwnCgroupIsInNoneOfItsContainers() {
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(Processes.process(300).cgroup("/kubepods/burstable/pod" + Pods.uid("web")))
                .finding(CHECK);

        assertThat(finding.container().words()).isEqualTo("shop/web (no container)");
        assertThat(finding.message()).isEqualTo("1 process in the cgroup of shop/web, in none of its containers");
    }

    /** As a process was after its pid was written into {@code pids/.../cgroup.procs} of another pod's container. */
    @Test
    void processInTheCgroupsOfTwoContainersIsOfNone() {
        String web = "/kubepods/besteffort/pod" + Pods.uid("web") + "/" + Pods.containerId("web", "main");
        String other = "/kubepods/besteffort/pod" + Pods.uid("other") + "/" + Pods.containerId("other", "main");
        Finding finding = Nodes.node()
                .pods("""
                        metadata: {name: web}
                        ---
                        metadata: {name: other}
                        """)
                .with(Processes.process(300)
                        .cgroupLines("9:name=systemd:" + web, "8:pids:" + other, "4:memory:" + web, "0::" + web))
                .finding(CHECK);

        assertThat(finding.container().pod()).isEqualTo("web");
        assertThat(finding.message())
                .isEqualTo("1 process in the cgroup of shop/web, container " + Pods.containerId("web", "main")
                        + ", and with other controllers in another container's");
        assertThat(finding.evidence())
                .extracting(Evidence::line)
                .containsExactly("9:name=systemd:" + web, "8:pids:" + other);
    }

    /** As a process was after its pid was written into {@code devices/cgroup.procs}: no device is refused to it any more. */
    @Test
    void processOutsideOfItsCgroupWithOneControllerIsFound() {
        String web = "/kubepods/besteffort/pod" + Pods.uid("web") + "/" + Pods.containerId("web", "main");
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .with(
                        Processes.process(300).cgroupLines("5:devices:" + web, "4:memory:" + web, "0::/"),
                        Processes.process(301).cgroupLines("5:devices:/", "4:memory:" + web, "0::/"))
                .finding(CHECK);

        assertThat(finding.container().words()).isEqualTo("shop/web (container main)");
        assertThat(finding.message())
                .isEqualTo("1 process of shop/web (container main) is outside of its cgroup with devices");
        assertThat(finding.evidence()).extracting(Evidence::source).containsExactly("/proc/301/cgroup");
        assertThat(finding.evidence()).extracting(Evidence::line).containsExactly("5:devices:/");
    }

    /** The first process too: its sandbox shows with which controllers this pod is limited. */
    @Test
    void onlyProcessOutsideOfItsCgroupIsFound() {
        String pod = "/kubepods/besteffort/pod" + Pods.uid("web") + "/";
        String web = pod + Pods.containerId("web", "main");
        String sandbox = pod + Pods.containerId("web", "sandbox");
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .bundles(Bundles.sandbox("web").bundle())
                .with(
                        Processes.sandbox(299, "web").cgroupLines("5:devices:" + sandbox, "4:memory:" + sandbox),
                        Processes.process(300).cgroupLines("5:devices:" + web, "4:memory:/somewhere"))
                .finding(CHECK);

        assertThat(finding.message())
                .isEqualTo("1 process of shop/web (container main) is outside of its cgroup with memory");
    }

    /**
     * One that the runtime does not use, or that limits nothing; cgroups made below the container's own; a process that ends, as version 1
     * shows it.
     */
    @Test
    void controllersThatNobodyOfThePodHasAndCgroupsBelowAreNoOutside() {
        String web = "/kubepods/besteffort/pod" + Pods.uid("web") + "/" + Pods.containerId("web", "main");
        assertThat(Nodes.node()
                        .pods("metadata: {name: web}")
                        .with(
                                Processes.process(300)
                                        .cgroupLines(
                                                "9:name=systemd:" + web, "7:misc:/", "4:memory:" + web, "0::" + web),
                                Processes.process(301)
                                        .cgroupLines(
                                                "9:name=systemd:" + web + "/init.scope",
                                                "7:misc:/",
                                                "4:memory:" + web + "/docker/x",
                                                "0::" + web),
                                Processes.process(302)
                                        .cgroupLines("9:name=systemd:/", "7:misc:/", "4:memory:/", "0::" + web),
                                Processes.process(303)
                                        .cgroupLines("9:name=systemd:/", "7:misc:/", "4:memory:" + web, "0::/"))
                        .drift())
                .isEmpty();
    }

    /** Of a sandbox no other check looks at capabilities and users: a shell in its cgroup would be seen by nobody. */
    @Test
    void processBesideThePauseProcessIsFound() {
        Processes pause = Processes.sandbox(299, "web");
        Finding finding = Nodes.node()
                .pods("metadata: {name: web}")
                .bundles(Bundles.sandbox("web").bundle())
                .with(
                        pause,
                        Processes.of(300, "web", "main").inPodOf(pause),
                        Processes.of(301, "web", "sandbox").besides(pause).program("/bin/sh"))
                .finding(CHECK);

        assertThat(finding.container().words()).isEqualTo("shop/web (sandbox)");
        assertThat(finding.message())
                .isEqualTo("1 process of shop/web (sandbox) is in its cgroup beside its first process");
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(301);
    }

    @Test
    void monitorOfASandboxedRuntimeMayBeBesideThePauseProcessWhereAClassIsDeclared() {
        Processes pause = Processes.sandbox(299, "web");
        Processes monitor = Processes.of(301, "web", "sandbox").besides(pause).program("/opt/kata/bin/virtiofsd");
        OciBundle sandbox = Bundles.sandbox("web").bundle();

        assertThat(Nodes.node()
                        .pods("metadata: {name: web}\nspec: {runtimeClassName: kata, containers: [{name: main}]}")
                        .bundles(sandbox)
                        .with(pause, monitor)
                        .drift())
                .isEmpty();
        assertThat(Nodes.node()
                        .pods("metadata: {name: web}")
                        .bundles(sandbox)
                        .with(pause, monitor.age(Duration.ofSeconds(20)))
                        .drift())
                .isEmpty();
    }

    @Test
    void withoutAKubeletNobodyIsAnOrphan() {
        assertThat(Nodes.node()
                        .with(Processes.process(300)
                                .cgroup("/kubepods/burstable/pod" + Pods.uid("gone") + "/" + STRANGE))
                        .drift())
                .isEmpty();
    }

    /** As long as the same processes are nobody's the same verdict is given; with one more it is found again. */
    @Test
    void whatIsSaidOfTheSameOrphansIsNotFoundAgain() {
        String nobodys = "/kubepods/burstable/pod" + Pods.uid("gone") + "/" + STRANGE;
        Nodes node = Nodes.node()
                .pods("metadata: {name: web}")
                .with(
                        Processes.process(300).cgroup(nobodys),
                        Processes.process(301).cgroup(nobodys));
        NodeSnapshot both = node.snapshot();
        NodeSnapshot one = new NodeSnapshot(
                both.facts(),
                both.processes().stream()
                        .filter(process -> process.pid() != 301)
                        .toList(),
                0);
        Evaluation evaluation = new Evaluation();
        NodeView alone = node.report(one, evaluation).node();
        NodeView together = node.report(both, evaluation).node();
        OrphanProcessCheck check = new OrphanProcessCheck();

        Verdict before = verdict(check, alone);
        assertThat(verdict(check, alone)).isSameAs(before);
        assertThat(verdict(check, together).violation().orElseThrow().offenders())
                .extracting(process -> process.process().pid())
                .containsExactly(300, 301);
        assertThat(verdict(check, alone)).isEqualTo(before);
    }

    private static Verdict verdict(OrphanProcessCheck check, NodeView node) {
        return check.judge(node).get(0).verdict();
    }
}
