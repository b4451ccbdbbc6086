package io.plumbline.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.OciBundle;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.SameObjects;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is attributed from look to look is what would be attributed without having looked before. */
class AttributorTest {

    private static final String PODS = """
            metadata: {name: web}
            spec: {containers: [{name: main}, {name: side}]}
            ---
            metadata: {name: other}
            """;
    private static final RuntimeInventory NO_BUNDLES = new RuntimeInventory(List.of(), List.of(), List.of());

    /** Of a container that the kubelet does not list yet: by the runtime's word it is {@code main}, for a while. */
    private static final RuntimeInventory RESTARTED = new RuntimeInventory(
            List.of(Bundles.of("web", "restarted")
                    .annotation("io.kubernetes.cri.container-name", "main")
                    .bundle()),
            List.of(),
            List.of());

    private static final String OTHER = "/pod" + Pods.uid("other") + "/" + Pods.containerId("other", "main");
    private static final String WEB =
            "/kubepods/burstable/pod" + Pods.uid("web") + "/" + Pods.containerId("web", "main");
    private static final Duration YOUNG = Duration.ofMillis(500);
    private static final Duration UPTIME = Duration.ofHours(1);
    private static final String DOCKER = "/docker/7232fa5b7fe3f027d56d3feba41858ad7e5841fa3432d4b5b9f98c0186b6abbb";

    /** Each of them may be there or not; of one pid one may. */
    private static final List<Processes> ANYBODY = List.of(
            Processes.sandbox(50, "web"),
            Processes.sandbox(50, "web").comm("other"),
            Processes.sandbox(60, "other"),
            Processes.of(100, "web", "main"),
            Processes.of(100, "web", "main").uid(7),
            Processes.of(100, "web", "main").age(YOUNG),
            Processes.of(101, "web", "main").parent(100),
            Processes.of(101, "web", "main").parent(50),
            Processes.of(101, "web", "main").parent(50).age(YOUNG).comm("runc:[2:INIT]"),
            Processes.of(102, "web", "main").parent(101),
            Processes.of(102, "web", "main").parent(1).program("/usr/bin/runc").age(Duration.ofSeconds(50)),
            Processes.of(120, "web", "side"),
            Processes.of(120, "web", "unheard-of"),
            Processes.of(121, "web", "unheard-of").age(Duration.ofSeconds(20)),
            Processes.of(122, "web", "restarted").age(Duration.ofSeconds(25)),
            Processes.of(123, "web", "restarted").age(Duration.ofSeconds(1)).program("/usr/bin/runc"),
            Processes.of(130, "unheard-of", "main"),
            Processes.of(200, "other", "main"),
            Processes.of(201, "other", "main").parent(200),
            Processes.process(300).cgroup(WEB + "/kubepods/burstable" + OTHER),
            Processes.process(301).cgroup(DOCKER + "/kubepods/burstable" + OTHER),
            Processes.process(302).cgroup("/user.slice/user-1000.slice/kubepods" + OTHER),
            Processes.process(303).cgroup("/kubelet/kubepods/burstable" + OTHER),
            Processes.process(304).cgroup(DOCKER),
            Processes.process(305).cgroup(DOCKER + "/inner").parent(304),
            Processes.process(306).cgroup("/kubepods/burstable/pod" + Pods.uid("web")),
            Processes.process(307).cgroup(new Reading.Unreadable<>("/proc/307/cgroup", "EACCES")),
            Processes.process(308).cgroupLines("3:memory:" + WEB, "0::/system.slice"),
            Processes.process(309)
                    .cgroup(DOCKER + "/kubepods/burstable/pod" + Pods.uid("thief") + "/"
                            + Pods.containerId("thief", "main")),
            Processes.ofHost(400),
            Processes.ofHost(401).program("/usr/bin/containerd-shim-runc-v2"),
            Processes.ofHost(402).age(YOUNG),
            Processes.ofHost(403).kernelThread(),
            Processes.ofHost(404).state('Z'));

    /** What the kubelet may tell of its pods; {@code thief} has another pod's container, {@code double} another pod's UID. */
    private static final List<DeclaredPod> TOLD = Stream.of(
                    """
                    metadata: {name: web}
                    spec: {containers: [{name: main}, {name: side}]}
                    """,
                    """
                    metadata: {name: web}
                    spec: {containers: [{name: main}, {name: elsewhere}]}
                    """,
                    """
                    metadata: {name: web}
                    spec: {hostPID: true, containers: [{name: main}, {name: side}, {name: unheard-of}]}
                    """,
                    """
                    metadata: {name: web}
                    spec: {containers: [{name: main}]}
                    status: {containerStatuses: [{name: main, containerID: "containerd://%s", state: {terminated: {}}}]}
                    """.formatted(Pods.containerId("web", "main")),
                    """
                    metadata: {name: other}
                    """,
                    """
                    metadata: {name: other}
                    spec: {containers: [{name: first}, {name: main}]}
                    """,
                    """
                    metadata: {name: unheard-of}
                    """,
                    """
                    metadata: {name: thief}
                    spec: {containers: [{name: main}]}
                    status: {containerStatuses: [{name: main, containerID: "containerd://%s", state: {running: {}}}]}
                    """.formatted(Pods.containerId("other", "main")),
                    """
                    metadata: {name: double, uid: %s}
                    """.formatted(Pods.uid("web")))
            .flatMap(text -> answer(text).orElseThrow().pods().stream())
            .toList();

    private static final List<OciBundle> BUNDLES = List.of(
            Bundles.of("web", "restarted")
                    .annotation("io.kubernetes.cri.container-name", "main")
                    .bundle(),
            Bundles.of("web", "unheard-of")
                    .annotation("io.kubernetes.cri.container-type", "sandbox")
                    .bundle(),
            Bundles.of("web", "main")
                    .cgroup(WEB + "/kubepods/burstable" + OTHER)
                    .bundle(),
            Bundles.of("other", "main").cgroup(DOCKER).bundle(),
            Bundles.of("nested").cgroup(DOCKER).bundle(),
            Bundles.of("other", "main").cgroup("/system.slice").bundle());

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void whateverHappensBetweenTheAnswerIsThatOfWhoeverNeverAskedBefore(long seed) {
        Random random = new Random(seed);
        Attributor again = new Attributor();
        Map<Integer, ProcessSnapshot> present = new TreeMap<>();
        Optional<DeclaredNode> declared = answer(PODS);
        RuntimeInventory bundles = RESTARTED;
        Duration passed = Duration.ZERO;
        List<ProcessSnapshot> processes = List.of();
        List<ProcessSnapshot> anybody = new ArrayList<>(snapshot(ANYBODY).processes());
        for (int step = 0; step < 200; step++) {
            int changes = random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                ProcessSnapshot one = anybody.get(random.nextInt(anybody.size()));
                if (random.nextInt(3) == 0) {
                    present.remove(one.pid());
                } else {
                    present.put(one.pid(), one);
                }
            }
            if (random.nextInt(4) == 0) {
                declared = told(declared, random);
            }
            if (random.nextInt(6) == 0) {
                bundles = new RuntimeInventory(some(BUNDLES, random), List.of(), List.of());
            }
            passed = passed.plusMillis(random.nextInt(4000));
            List<ProcessSnapshot> all = List.copyOf(present.values());
            processes = SameObjects.areIn(processes, all) ? processes : all;
            NodeSnapshot now = at(processes, passed);

            AttributedNode said = again.attribute(now, declared, bundles);

            AttributedNode fresh = new Attributor().attribute(now, declared, bundles);
            assertThat(said.containers()).as("step %d", step).isEqualTo(fresh.containers());
            assertThat(said.others()).as("step %d", step).isEqualTo(fresh.others());
            assertThat(said.namespaceOwners()).as("step %d", step).isEqualTo(fresh.namespaceOwners());
        }
    }

    @Test
    void whereNothingChangedTheAnswerIsTheLastOne() {
        Attributor attributor = new Attributor();
        NodeSnapshot now = snapshot(List.of(
                Processes.sandbox(50, "web"),
                Processes.of(100, "web", "main"),
                Processes.of(120, "web", "side"),
                Processes.ofHost(400)));
        Optional<DeclaredNode> declared = answer(PODS);
        AttributedNode first = attributor.attribute(now, declared, NO_BUNDLES);

        assertThat(attributor.attribute(at(now.processes(), Duration.ofHours(1)), declared, NO_BUNDLES))
                .isSameAs(first);
    }

    @Test
    void whoHasSettledIsNotFoundOutAgain() {
        Attributor attributor = new Attributor();
        NodeSnapshot now = snapshot(List.of(
                Processes.of(100, "web", "main").age(YOUNG),
                Processes.ofHost(400).age(YOUNG)));
        Optional<DeclaredNode> declared = answer(PODS);
        AttributedNode young = attributor.attribute(now, declared, NO_BUNDLES);
        AttributedNode settled = attributor.attribute(at(now.processes(), Duration.ofSeconds(3)), declared, NO_BUNDLES);

        assertThat(young.containers().get(0).processes().get(0).settled()).isFalse();
        assertThat(settled.containers().get(0).processes().get(0).settled()).isTrue();
        assertThat(attributor.attribute(at(now.processes(), Duration.ofSeconds(4)), declared, NO_BUNDLES))
                .isSameAs(settled);
    }

    @Test
    void theRuntimesWordHoldsUntilTheKubeletMustHaveTold() {
        Attributor attributor = new Attributor();
        NodeSnapshot now =
                snapshot(List.of(Processes.of(122, "web", "restarted").age(Duration.ofSeconds(25))));
        Optional<DeclaredNode> declared = answer(PODS);

        assertThat(attributor.attribute(now, declared, RESTARTED).containers()).hasSize(1);
        assertThat(attributor
                        .attribute(at(now.processes(), Duration.ofSeconds(6)), declared, RESTARTED)
                        .containers())
                .isEmpty();
    }

    @Test
    void whatConcernsOneContainerLeavesTheOthersAsTheyWere() {
        Attributor attributor = new Attributor();
        List<Processes> all =
                List.of(Processes.of(100, "web", "main"), Processes.of(200, "other", "main"), Processes.ofHost(400));
        NodeSnapshot now = snapshot(all);
        Optional<DeclaredNode> declared = answer(PODS);
        AttributedNode first = attributor.attribute(now, declared, NO_BUNDLES);
        List<ProcessSnapshot> more = new ArrayList<>(now.processes());
        more.addAll(snapshot(List.of(Processes.of(201, "other", "main").parent(200)))
                .processes());

        AttributedNode second = attributor.attribute(at(more, Duration.ZERO), declared, NO_BUNDLES);

        assertThat(first.containers()).hasSize(2);
        assertThat(second.containers().get(0)).isNotEqualTo(first.containers().get(0));
        assertThat(second.containers().get(1)).isSameAs(first.containers().get(1));
    }

    /** One pod says something else, is gone or there, before or behind the others; rarely, no kubelet is asked, or one is again. */
    private static Optional<DeclaredNode> told(Optional<DeclaredNode> before, Random random) {
        if (random.nextInt(10) == 0) {
            return before.isPresent() ? Optional.empty() : answer(PODS);
        }
        return before.map(node -> {
            DeclaredPod other = TOLD.get(random.nextInt(TOLD.size()));
            List<DeclaredPod> pods = new ArrayList<>(node.pods());
            pods.removeIf(pod -> pod.name().equals(other.name()));
            if (random.nextInt(3) != 0) {
                pods.add(random.nextInt(pods.size() + 1), other);
            }
            return node.withPods(pods);
        });
    }

    private static <T> List<T> some(List<T> all, Random random) {
        return all.stream().filter(one -> random.nextBoolean()).toList();
    }

    private static Optional<DeclaredNode> answer(String pods) {
        return Nodes.node().pods(pods).answer();
    }

    private static NodeSnapshot snapshot(List<Processes> processes) {
        return Nodes.node().with(processes.toArray(Processes[]::new)).snapshot();
    }

    private static NodeSnapshot at(List<ProcessSnapshot> processes, Duration passed) {
        NodeSnapshot empty = Nodes.node().snapshot();
        return new NodeSnapshot(
                empty.facts()
                        .at(
                                empty.facts().takenAt().plus(passed),
                                Reading.of(UPTIME.plus(passed)),
                                empty.facts().hostMounts()),
                processes,
                0);
    }
}
