package io.plumbline.scan;

import static io.plumbline.scan.RightContainer.WITH_SYS_TIME;
import static io.plumbline.scan.RightContainer.created;
import static io.plumbline.scan.RightContainer.drift;
import static io.plumbline.scan.RightContainer.main;
import static io.plumbline.scan.RightContainer.pod;
import static io.plumbline.scan.RightContainer.shim;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How a process is taken for another container's, or judged when it is not one's yet or any more: each trap under its number, and
 * beside each the neighbour that is wrong indeed.
 */
class AttributionTrapsTest {
    @ParameterizedTest
    @CsvSource({
        "/memfd:runc_cloned:/usr/sbin/runc (deleted), 4",
        "/usr/sbin/runc, 4",
        "/usr/bin/crun, 4",
        "/memfd:runc-dmz (deleted), 4",
        "/memfd:runc_cloned:/usr/sbin/runc (deleted), 3000"
    })
    void trap04RuntimeThatStillSetsTheContainerUpIsNotJudged(String program, long seconds) {
        Processes init = main().executable(Reading.of(program))
                .comm("runc:[2:INIT]")
                .origin(
                        program.startsWith("/memfd")
                                ? Reading.of(new ExecutableOrigin(ExecutableOrigin.Kind.MEMFD, program))
                                : new Reading.Absent<>("/proc/100/exe"))
                .capabilities(Processes.ALL_CAPABILITIES)
                .label("unconfined")
                .seccomp(0)
                .age(Duration.ofSeconds(seconds));

        assertThat(drift(created("waiting").with(init))).isEmpty();
        Processes app = init.program("/bin/app").origin(ExecutableOrigin.Kind.IMAGE, "/");
        assertThat(drift(created("waiting").with(app))).containsOnlyKeys("root-user", "capabilities", "apparmor");
    }

    /** The name is no licence: a container that runs has no runtime in it for long, and none from its own image. */
    @Test
    void trap04ProgramThatOnlyCallsItselfRuncIsJudged() {
        Processes disguised = main().program("/tmp/runc")
                .comm("runc:[2:INIT]")
                .origin(ExecutableOrigin.Kind.WRITABLE_LAYER, "/u/tmp/runc");

        assertThat(drift(created("running").with(disguised))).containsOnlyKeys("root-user", "executable");
    }

    @Test
    void trap05ProcessThatCameByExecIsJudgedAndSaysSo() {
        Processes first = main().uid(1000).permitted(CapabilitySet.NONE);
        Processes debug = Processes.of(130, "web", "main").joins(first, NamespaceType.values());
        String context = "{runAsNonRoot: true, runAsUser: 1000}";

        Finding finding = pod(context)
                .with(first, debug.nsPids(130, 31).parent(90), shim(90))
                .finding("root-user");

        assertThat(finding.origin()).contains("exec");
        assertThat(drift(pod(context)
                        .with(
                                first,
                                debug.uid(1000).permitted(CapabilitySet.NONE).parent(90),
                                shim(90))))
                .isEmpty();
        // What the first process itself started is no exec.
        assertThat(pod(context)
                        .with(first, debug.uid(0).parent(100), shim(90))
                        .finding("root-user")
                        .origin())
                .isEmpty();
    }

    @Test
    void trap06SandboxIsUnconfinedByDesignAndHasNoPromisesButThePods() {
        Processes pause = Processes.sandbox(99, "web").uid(65535).seccomp(0).capabilities(Processes.ALL_CAPABILITIES);

        Nodes node = pod("{runAsNonRoot: true, runAsUser: 1000, allowPrivilegeEscalation: false}")
                .with(
                        pause,
                        main().inPodOf(pause)
                                .uid(1000)
                                .permitted(CapabilitySet.NONE)
                                .noNewPrivileges());

        assertThat(drift(node)).isEmpty();
        assertThat(node.attribution(99)).isInstanceOf(Attribution.OfSandbox.class);
        assertThat(drift(pod("{}").with(pause.host(NamespaceType.NET), main().inPodOf(pause))))
                .containsKey("host-network");
    }

    @Test
    void trap07InASharedPidNamespaceTheFirstProcessIsTheOldestAndNotPidOne() {
        Processes pause = Processes.sandbox(99, "web").nsPids(99, 1);
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  shareProcessNamespace: true
                  containers: [{name: main, securityContext: {runAsUser: 1000}}, {name: side}]
                """);
        Processes first = main().inPodOf(pause)
                .joins(pause, NamespaceType.PID)
                .nsPids(100, 7)
                .uid(1000)
                .permitted(CapabilitySet.NONE);
        Processes later = Processes.of(104, "web", "main")
                .joins(first, NamespaceType.values())
                .nsPids(104, 12)
                .parent(100)
                .age(Duration.ofMinutes(2))
                .uid(33)
                .permitted(CapabilitySet.NONE);
        Processes side = Processes.of(110, "web", "side")
                .inPodOf(pause)
                .joins(pause, NamespaceType.PID)
                .nsPids(110, 9);

        assertThat(drift(node.with(pause, first, later, side))).isEmpty();
        assertThat(node.process(100).viaExec()).isFalse();
    }

    @Test
    void trap07InTheHostsPidNamespaceTheFirstProcessIsTheOldestToo() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec: {hostPID: true, containers: [{name: main, securityContext: {runAsUser: 1000}}]}
                """);
        Processes first = main().host(NamespaceType.PID).nsPids(100).uid(1000).permitted(CapabilitySet.NONE);

        assertThat(drift(node.with(first))).isEmpty();
        assertThat(drift(pod("{}").with(main().host(NamespaceType.PID)))).containsOnlyKeys("host-pid");
    }

    @Test
    void trap08SidecarsAndEphemeralContainersHaveTheirOwnSpecs() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  initContainers:
                  - {name: proxy, restartPolicy: Always, securityContext: {capabilities: {add: [NET_ADMIN]}}}
                  containers: [{name: main, securityContext: {runAsUser: 1000, runAsNonRoot: true}}]
                  ephemeralContainers: [{name: debug, securityContext: {capabilities: {add: [SYS_TIME]}}}]
                """);
        CapabilitySet netAdmin = Processes.DEFAULT_CAPABILITIES.union(CapabilitySet.of(Capability.NET_ADMIN));
        Processes main = main().uid(1000).permitted(CapabilitySet.NONE);

        assertThat(drift(node.with(
                        main,
                        Processes.of(110, "web", "proxy").capabilities(netAdmin),
                        Processes.of(120, "web", "debug").capabilities(WITH_SYS_TIME))))
                .isEmpty();
        assertThat(node.with(Processes.of(111, "web", "proxy").capabilities(WITH_SYS_TIME))
                        .finding("capabilities")
                        .container()
                        .container())
                .contains("proxy");
    }

    @Test
    void trap09StaticPodIsFoundByTheHashOfItsManifestAndWithoutStatuses() {
        String hash = "5f3c9d1e7ab24c60988f0d1e2c3b4a59";
        String cgroup = "/kubepods/burstable/pod" + hash + "/" + Pods.containerId("web", "main");
        String manifest = """
                metadata:
                  name: web
                  annotations: {kubernetes.io/config.source: file, kubernetes.io/config.hash: %s}
                spec: {containers: [{name: main, securityContext: {runAsNonRoot: true, runAsUser: 1000}}]}
                status: {containerStatuses: []}
                """.formatted(hash);
        Bundles bundle = Bundles.of("web", "main")
                .annotation("io.kubernetes.cri.sandbox-uid", hash)
                .user(1000, 0)
                .cgroup(cgroup);
        Processes process = main().cgroup(cgroup).uid(1000).permitted(CapabilitySet.NONE);

        assertThat(drift(Nodes.node().pods(manifest).bundles(bundle.bundle()).with(process)))
                .isEmpty();
        assertThat(drift(Nodes.node().pods(manifest).bundles(bundle.bundle()).with(process.uid(0))))
                .containsOnlyKeys("root-user", "user");
    }

    @Test
    void trap19SandboxedRuntimesKernelIsNotTheHostsToJudge() {
        String pod = """
                metadata: {name: web}
                spec:
                  runtimeClassName: gvisor
                  containers: [{name: main, securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}}]
                """;
        Processes sentry = main().program("/usr/local/bin/runsc-sandbox")
                .host(NamespaceType.NET)
                .capabilities(Processes.ALL_CAPABILITIES)
                .label("unconfined")
                .seccomp(0);

        assertThat(drift(Nodes.node().pods(pod).with(sentry))).isEmpty();
        assertThat(drift(Nodes.node().pods(pod).with(sentry.program("/usr/libexec/qemu-kvm"))))
                .isEmpty();
        // A runtime class alone hides nothing: many are only another configuration of runc.
        assertThat(drift(Nodes.node().pods(pod).with(main()))).containsOnlyKeys("root-user", "root-filesystem");
    }

    @Test
    void trap20ContainerInAContainerIsTheOutermostPods() {
        String own = "/kubepods/burstable/pod" + Pods.uid("dind") + "/" + Pods.containerId("dind", "main");
        Nodes node = Nodes.node().pods("""
                metadata: {name: dind}
                spec: {containers: [{name: main, securityContext: {privileged: true}}]}
                """);
        Processes docker = Processes.of(100, "dind", "main")
                .capabilities(Processes.ALL_CAPABILITIES)
                .label("unconfined")
                .seccomp(0);
        Processes inner = Processes.process(120)
                .cgroup(own + "/docker/" + "ab".repeat(32))
                .parent(100)
                .capabilities(Processes.ALL_CAPABILITIES)
                .mounts(Mounts.ofContainer().with("530 391 0:168 /var/lib/docker/x /etc/hosts rw - overlay overlay rw"))
                .nsPids(120, 40, 1);

        assertThat(drift(node.with(docker, inner))).isEmpty();
        assertThat(node.attribution(120)).isEqualTo(node.attribution(100));
        // Out of the pod is out of the pod, from however deep.
        assertThat(drift(node.with(Processes.process(130)
                        .cgroup(own + "/docker/" + "cd".repeat(32))
                        .capabilities(Processes.ALL_CAPABILITIES)
                        .host(NamespaceType.MNT))))
                .containsOnlyKeys("host-mount");
    }

    @ParameterizedTest
    @CsvSource({"3, false", "29, false", "31, true"})
    void trap21KubeletMayTakeSomeSecondsToTellOfANewContainer(long seconds, boolean found) {
        Processes restarted = Processes.process(150)
                .cgroup("/kubepods/burstable/pod" + Pods.uid("web") + "/" + "ef".repeat(32))
                .age(Duration.ofSeconds(seconds));

        Nodes node = pod("{runAsNonRoot: true, runAsUser: 1000}")
                .with(main().uid(1000).permitted(CapabilitySet.NONE), restarted);

        if (!found) {
            assertThat(drift(node)).isEmpty();
            return;
        }
        Finding orphan = node.finding("orphan-process");
        assertThat(orphan.container().namespace()).isEqualTo("shop");
        assertThat(orphan.container().pod()).isEqualTo("web");
        assertThat(orphan.workload()).isEqualTo("web");
        assertThat(orphan.message()).contains("in the cgroup of shop/web");
        assertThat(drift(node)).containsOnlyKeys("orphan-process");
    }

    @Test
    void trap23KernelThreadsZombiesAndVanishedPidsAreNoDrift() {
        Processes gone = Processes.of(160, "web", "main")
                .besides(main())
                .executable(new Reading.Absent<>("/proc/160/exe"))
                .origin(new Reading.Absent<>("/proc/160/exe"))
                .arguments();
        Nodes node = pod("{runAsNonRoot: true, runAsUser: 1000}")
                .with(
                        main().uid(1000).permitted(CapabilitySet.NONE),
                        Processes.of(161, "web", "main").state('Z').comm("sleep"),
                        Processes.ofHost(2).kernelThread().comm("kthreadd"),
                        gone.uid(1000).permitted(CapabilitySet.NONE));

        assertThat(drift(node)).isEmpty();
        assertThat(node.attribution(161)).isEqualTo(new Attribution.OfHost(HostKind.ZOMBIE));
        assertThat(node.attribution(2)).isEqualTo(new Attribution.OfHost(HostKind.KERNEL_THREAD));
    }
}
