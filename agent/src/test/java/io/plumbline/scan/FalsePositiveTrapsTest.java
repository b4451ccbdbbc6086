package io.plumbline.scan;

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
import io.plumbline.model.Cause;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ways in which a right container looks wrong, each under its number, and beside each the neighbour that is wrong indeed: who
 * avoids the trap by not looking fails the second half.
 */
class FalsePositiveTrapsTest {

    private static final CapabilitySet WITH_SYS_TIME =
            Processes.DEFAULT_CAPABILITIES.union(CapabilitySet.of(Capability.SYS_TIME));

    @Test
    void trap01NonRootHasEmptySetsAndAFullBoundingSet() {
        Processes dropped = main().uid(405).permitted(CapabilitySet.NONE);

        assertThat(drift(pod("{runAsUser: 405}").with(dropped))).isEmpty();
        assertThat(pod("{runAsUser: 405}")
                        .with(dropped.bounding(WITH_SYS_TIME))
                        .finding("capabilities")
                        .message())
                .contains("SYS_TIME");
        assertThat(pod("{runAsUser: 405}")
                        .with(main().uid(405)
                                .permitted(CapabilitySet.NONE)
                                .ambient(CapabilitySet.of(Capability.NET_ADMIN)))
                        .finding("capabilities")
                        .message())
                .contains("NET_ADMIN");
    }

    @Test
    void trap02ProcessThatMadeAUserNamespaceHasAllCapabilitiesInItOnly() {
        Processes browser = Processes.of(101, "web", "main")
                .besides(main())
                .uid(1000)
                .capabilities(Processes.ALL_CAPABILITIES)
                .userNamespace(1000, 1);

        Nodes node = pod("{}").with(main(), browser);

        assertThat(drift(node)).containsExactly(Map.entry("nested-user-namespace", Severity.INFO));
        Processes inTheHosts =
                Processes.of(101, "web", "main").besides(main()).capabilities(Processes.ALL_CAPABILITIES);
        assertThat(pod("{}").with(main(), inTheHosts).finding("capabilities").severity())
                .isEqualTo(Severity.CRITICAL);
    }

    @Test
    void trap03IdsOfAUserNamespaceAreTranslated() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  hostUsers: false
                  securityContext: {fsGroup: 2000, supplementalGroups: [3000]}
                  containers: [{name: main, securityContext: {runAsUser: 1000, runAsNonRoot: true}}]
                """);
        Processes mapped = main().userNamespace(200_000, 65_536)
                .uid(201_000)
                .gid(201_000)
                .groups(202_000, 203_000)
                .permitted(CapabilitySet.NONE);
        Processes rootInside = Processes.of(101, "web", "main")
                .joins(mapped, NamespaceType.values())
                .idMaps(Reading.of(
                        new io.plumbline.model.IdMap(List.of(new io.plumbline.model.IdMap.Range(0, 200_000, 65_536)))))
                .uid(200_000);

        assertThat(drift(node.with(mapped, rootInside))).isEmpty();

        Nodes hosts = Nodes.node().pods("""
                metadata: {name: web}
                spec: {hostUsers: false, containers: [{name: main, securityContext: {runAsNonRoot: true}}]}
                """).with(main().uid(0));
        assertThat(drift(hosts)).containsOnlyKeys("host-users", "root-user");
    }

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
    void trap10RootThatStartsWorkersWhichDropIsStricterThanDeclared() {
        Processes worker = Processes.of(101, "web", "main")
                .besides(main())
                .parent(100)
                .uid(33)
                .gid(33)
                .capabilities(CapabilitySet.NONE);

        assertThat(drift(pod("{}").with(main(), worker))).isEmpty();
        assertThat(drift(pod("{runAsUser: 0}").with(main().uid(33).permitted(CapabilitySet.NONE))))
                .isEmpty();
        assertThat(drift(pod("{runAsUser: 33}").with(main()))).containsOnlyKeys("user");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web (enforce)|conforms",
                "web (enforce)\\n|conforms",
                "web (enforce)\\0|conforms",
                "web (kill)|conforms",
                "web//worker (enforce)|conforms",
                "outer//&web (enforce)|conforms",
                "web//&:ns1://inner (enforce)|conforms",
                "web//&loose (mixed)|conforms",
                "web (complain)|violates",
                "web (unconfined)|violates",
                "web (prompt)|violates",
                "web//null-/bin/sh (complain)|violates",
                "loose//&other (mixed)|violates",
                "webber (enforce)|violates",
                "runc (unconfined)|violates",
                "unconfined|violates"
            })
    void trap11LabelsOfAppArmorAreMoreThanAName(String label, String outcome) {
        Nodes node = pod("{appArmorProfile: {type: Localhost, localhostProfile: web}}")
                .profiles(Map.of("web", "enforce", "loose", "complain", "other", "enforce"))
                .with(main().label(label.replace("\\n", "\n").replace("\\0", "\0")));

        assertThat(drift(node)).satisfies(drift -> {
            if (outcome.equals("conforms")) {
                assertThat(drift).isEmpty();
            } else {
                assertThat(drift).containsOnlyKeys("apparmor");
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "containerd, cri-containerd.apparmor.d",
        "cri-o, crio-default",
        "docker, docker-default",
    })
    void trap12RuntimesCallTheirDefaultProfileDifferently(String runtime, String profile) {
        String pod = """
                metadata: {name: web}
                spec: {containers: [{name: main, securityContext: {appArmorProfile: {type: RuntimeDefault}}}]}
                status: {containerStatuses: [{name: main, containerID: "%s://%s", state: {running: {}}}]}
                """.formatted(runtime, Pods.containerId("web", "main"));
        Nodes node = Nodes.node().profiles(Map.of(profile, "enforce")).pods(pod);
        CapabilitySet least = CapabilitySet.of(Capability.CHOWN);

        assertThat(drift(node.with(main().label(profile + " (enforce)").capabilities(least))))
                .isEmpty();
        assertThat(drift(Nodes.node()
                        .pods(pod)
                        .with(main().label("other (enforce)").capabilities(least))))
                .containsOnlyKeys("apparmor");
    }

    /** CRI-O's {@code apparmor_profile} may name another one: the bundle says which. */
    @Test
    void trap12ConfiguredDefaultProfileIsTheBundles() {
        Nodes node = pod("{}")
                .bundles(Bundles.of("web", "main").appArmor("company-default").bundle());

        assertThat(drift(node.with(main().label("company-default (enforce)")))).isEmpty();
    }

    @Test
    void trap13FieldStandsOverAnnotationAndAnIgnoredAnnotationIsNamed() {
        String pod = """
                metadata:
                  name: web
                  annotations: {container.apparmor.security.beta.kubernetes.io/main: localhost/old}
                spec: {containers: [{name: main%s}]}
                """;
        Nodes both = Nodes.node()
                .pods(pod.formatted(", securityContext: {appArmorProfile: {type: Localhost, localhostProfile: new}}"));
        assertThat(drift(both.with(main().label("new (enforce)")))).isEmpty();

        Nodes honoured = Nodes.node().pods(pod.formatted(""));
        assertThat(drift(honoured.with(main().label("old (enforce)")))).isEmpty();

        // The runtime was told of its own default: the annotation fell on the way.
        Finding ignored = Nodes.node()
                .pods(pod.formatted(""))
                .bundles(Bundles.of("web", "main").bundle())
                .with(main())
                .finding("apparmor");
        assertThat(ignored.cause()).isEqualTo(Cause.ANNOTATION_IGNORED);
    }

    @Test
    void trap14ChildUnderNoNewPrivilegesMayKeepOrStackItsParentsLabel() {
        String context = "{allowPrivilegeEscalation: false, appArmorProfile: {type: Localhost, localhostProfile: web}}";
        Processes first = main().label("web (enforce)").noNewPrivileges();
        Processes same = Processes.of(101, "web", "main")
                .besides(first)
                .parent(100)
                .noNewPrivileges()
                .label("web (enforce)");

        assertThat(drift(pod(context).with(first, same))).isEmpty();
        assertThat(drift(pod(context).with(first, same.label("web//&inner (enforce)"))))
                .isEmpty();
        assertThat(drift(pod(context).with(first, same.label("inner (enforce)"))))
                .containsOnlyKeys("apparmor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{seccompProfile: {type: Unconfined}}", "{seccompProfile: {type: RuntimeDefault}}"})
    void trap15FilterThatNobodyAskedForIsStricter(String context) {
        assertThat(drift(pod(context).with(main().seccomp(2)))).isEmpty();
    }

    @Test
    void trap15PrivilegedRunsWithoutTheFilterThatItDeclares() {
        String privileged = "{privileged: true, seccompProfile: {type: RuntimeDefault}}";
        Processes process = main().seccomp(0)
                .capabilities(Processes.ALL_CAPABILITIES)
                .label("unconfined")
                .mounts(Mounts.of("1 0 0:168 / / rw - overlay overlay rw", "2 1 0:171 / /proc rw - proc proc rw"));

        assertThat(drift(pod(privileged).with(process))).isEmpty();
        assertThat(drift(pod("{seccompProfile: {type: RuntimeDefault}}").with(main().seccomp(0))))
                .containsOnlyKeys("seccomp");
        assertThat(drift(pod("{}").seccompDefault().with(main().seccomp(0)))).containsOnlyKeys("seccomp");
    }

    @Test
    void trap16ReadOnlyIsThePerMountOptionAndNotTheSuperOption() {
        String context = "{readOnlyRootFilesystem: true}";
        Mounts readOnly = Mounts.ofContainer().readOnlyRoot();

        assertThat(readOnly.table().at("/").orElseThrow().line())
                .contains(" / / ro,")
                .contains(" overlay rw,");
        assertThat(drift(pod(context).with(main().mounts(readOnly)))).isEmpty();
        assertThat(drift(pod("{}").with(main().mounts(readOnly)))).isEmpty();
        assertThat(drift(pod(context).with(main()))).containsOnlyKeys("root-filesystem");
        // The last mount at / counts, and a file system that is read-only itself needs no option.
        assertThat(drift(pod(context).with(main().mounts(Mounts.of("500 391 0:168 / / rw - squashfs image ro")))))
                .isEmpty();
        assertThat(drift(pod(context)
                        .with(main().mounts(readOnly.with("500 391 0:168 / / rw,relatime - overlay overlay rw")))))
                .containsOnlyKeys("root-filesystem");
    }

    @Test
    void trap16VolumesStayWritableUnderAReadOnlyRoot() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  containers:
                  - {name: main, securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [{name: data, mountPath: /data}]}
                  volumes: [{name: data, emptyDir: {}}]
                """);
        String volume = "510 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/volumes/kubernetes.io~empty-dir/data /data rw,relatime - ext4 /dev/vda rw";
        String hosts = "511 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/etc-hosts /etc/hosts rw,relatime - ext4 /dev/vda rw";

        assertThat(drift(node.with(
                        main().mounts(Mounts.ofContainer().readOnlyRoot().with(volume, hosts)))))
                .isEmpty();
    }

    @Test
    void trap17FsGroupIsTheProcessesGroupWhateverItsVolumesDoWithIt() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  securityContext: {fsGroup: 555, fsGroupChangePolicy: OnRootMismatch}
                  containers: [{name: main, volumeMounts: [{name: share, mountPath: /share}]}]
                  volumes: [{name: share, nfs: {server: files, path: /exports}}]
                """);
        Processes process = main().groups(555)
                .mounts(Mounts.ofContainer()
                        .with("520 391 0:90 / /share rw,relatime - nfs4 files:/exports rw,vers=4.2"));

        assertThat(drift(node.with(process))).isEmpty();
        assertThat(drift(Nodes.node()
                        .pods(
                                "metadata: {name: web}\nspec: {securityContext: {fsGroup: 555}, containers: [{name: main}]}")
                        .with(main())))
                .containsOnlyKeys("groups");
    }

    @Test
    void trap18GroupsOfTheImageAreInformationUnlessThePolicyIsStrict() {
        String pod = """
                metadata: {name: web}
                spec:
                  securityContext: {runAsUser: 1000, runAsGroup: 1000, supplementalGroups: [3000]%s}
                  containers: [{name: main}]
                """;
        Processes process =
                main().uid(1000).gid(1000).groups(1000, 3000, 50_000).permitted(CapabilitySet.NONE);

        Finding merged = Nodes.node().pods(pod.formatted("")).with(process).finding("groups");
        assertThat(merged.severity()).isEqualTo(Severity.INFO);
        assertThat(merged.cause()).isEqualTo(Cause.FROM_IMAGE);
        Finding strict = Nodes.node()
                .pods(pod.formatted(", supplementalGroupsPolicy: Strict"))
                .with(process)
                .finding("groups");
        assertThat(strict.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(drift(Nodes.node().pods(pod.formatted("")).with(process.groups(1000, 3000))))
                .isEmpty();
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
    void trap22EachThreadHasItsOwnRights() {
        Processes like = Processes.process(1).capabilities(WITH_SYS_TIME);

        assertThat(drift(pod("{}").with(main().thread(105, main())))).isEmpty();
        Finding finding = pod("{}").with(main().thread(105, like)).finding("capabilities");
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/100/task/105/status");
        assertThat(pod("{allowPrivilegeEscalation: false}")
                        .with(main().noNewPrivileges().thread(106, main()))
                        .finding("no-new-privileges")
                        .evidence()
                        .get(0)
                        .source())
                .isEqualTo("/proc/100/task/106/status");
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

    /** What bane generates is loaded under another name than its file says, and that one is what pods have to name. */
    @Test
    void trap24BanesProfilesAreCalledDockerSomething() {
        Map<String, String> loaded = Map.of("docker-nginx-sample", "enforce");
        Processes process = main().label("docker-nginx-sample (enforce)");

        assertThat(drift(pod("{appArmorProfile: {type: Localhost, localhostProfile: docker-nginx-sample}}")
                        .profiles(loaded)
                        .with(process)))
                .isEmpty();
        assertThat(pod("{appArmorProfile: {type: Localhost, localhostProfile: nginx-sample}}")
                        .profiles(loaded)
                        .with(process)
                        .finding("apparmor")
                        .cause())
                .isEqualTo(Cause.OTHER_PROFILE);
    }

    /** A pod of one container, which is the runtime's default but for this security context. */
    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    /** A pod whose container is in this state by the kubelet's word. */
    private static Nodes created(String state) {
        return Nodes.node().pods("""
                metadata: {name: web}
                spec: {containers: [{name: main, securityContext: {runAsNonRoot: true}}]}
                status: {containerStatuses: [{name: main, containerID: "containerd://%s", state: {%s: {}}}]}
                """.formatted(Pods.containerId("web", "main"), state));
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }

    private static Processes shim(int pid) {
        return Processes.ofHost(pid).program("/usr/bin/containerd-shim-runc-v2");
    }

    /** Drift that is found, by check, with its severity. */
    private static Map<String, Severity> drift(Nodes node) {
        Map<String, Severity> found = new TreeMap<>();
        node.findings().stream()
                .filter(finding -> finding.kind() == FindingKind.DRIFT)
                .forEach(finding -> found.put(finding.check(), finding.severity()));
        return found;
    }
}
