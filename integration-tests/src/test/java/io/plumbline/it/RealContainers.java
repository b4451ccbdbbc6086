package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The same node with each runtime: pods that are as declared, a scan that finds nothing in them; then drift in some of
 * them, and a scan that finds exactly that. Starting containers is what takes time, so there are three scans in all and
 * the tests read what they said.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class RealContainers {
    /** Checks for which a bundle alone says enough; that a container must not run as root it does not say. */
    private static final Set<String> SHOWN_BY_BUNDLES = Set.of(
            "capabilities",
            "executable",
            "foreign-namespace",
            "host-ipc",
            "host-mount",
            "host-network",
            "host-pid",
            "host-uts",
            "no-new-privileges",
            "proc-mask",
            "root-filesystem",
            "seccomp",
            "undeclared-mount");

    private final String runtime;
    private final List<Settings.Setting> settings = new ArrayList<>();
    private Node node;
    private long execed;
    private long nested;
    private Scan asDeclared;
    private Scan drifted;

    RealContainers(String runtime) {
        this.runtime = runtime;
    }

    @BeforeAll
    void startPodsAndScan() {
        node = Node.with(runtime);
        try {
            Stream.of(
                            Settings.named(),
                            Settings.ordinary(),
                            Settings.volumes(),
                            Settings.cgroups(),
                            DriftAfterStart.pods())
                    .forEach(settings::addAll);
            settings.forEach(setting -> node.run(setting.pod()));
            startMore(node);
            // The image's user is root, so the kubelet never starts the container.
            node.runSandboxOnly(Pod.withContainer("pod-run-as-non-root-refused", "{runAsNonRoot: true}"));
            execed = node.exec(node.byName().get("pod-as-user-guest").main(), 405, "/bin/sleep", Marker.next());
            nested = nestedContainer();
            new Proc(nested).awaitSettled();
            asDeclared = node.scan();
        } catch (RuntimeException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    /** What a container runtime inside a privileged container makes: namespaces and a cgroup of its own. */
    private long nestedContainer() {
        Running.Container outer = node.byName().get("pod-privileged").main();
        String cgroup = outer.cgroup() + "/docker/" + Node.newId();
        node.makeCgroup(cgroup);
        String marker = Marker.next();
        node.place()
                .inCgroup(cgroup)
                .inNamespacesExcept(outer)
                .withRightsOf(outer)
                .run("/bin/unshare", "-m", "-i", "-n", "-u", "-p", "-f", "/bin/sleep", marker);
        return node.find(cgroup, marker);
    }

    /** What the first scan said, before any drift. */
    Scan asDeclared() {
        return asDeclared;
    }

    /** Pods of this runtime alone. */
    void startMore(Node node) {}

    /** Drift that only this runtime is asked for. */
    List<Expected> startMoreDrift(Node node) {
        return List.of();
    }

    /** A process that the runtime itself starts in a container with more than the container has. */
    static Expected capabilityByExec(Node node) {
        Running running = node.byName().get("drop-all-add-one");
        Running.Container container = running.main();
        String marker = Marker.next();
        ((OciRuntime) node.runtime())
                .exec(container.id(), List.of("--cap", "CAP_SYS_PTRACE"), List.of("/bin/sleep", marker));
        return Expected.of(running, container, "capabilities", "critical")
                .by(node.find(container.cgroup(), marker))
                .afterStart()
                .shownBy("/status", "CapBnd:");
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    @Order(1)
    @TestFactory
    Stream<DynamicTest> theContainerIsWhatItsSpecSays() {
        return node.pods().stream()
                .flatMap(running -> running.containers().values().stream()
                        .map(container -> dynamicTest(
                                running.pod().name() + "/" + container.name(),
                                () -> SelfCheck.assertAsDeclared(running, container))));
    }

    @Order(2)
    @TestFactory
    Stream<DynamicTest> nothingIsFoundInWhatIsAsDeclared() {
        return settings.stream()
                .map(setting -> dynamicTest(
                        setting.title(),
                        () -> assertThat(asDeclared.drift(setting.pod())).isEmpty()));
    }

    @Order(2)
    @Test
    void trap6NothingIsFoundInSandboxesNorInWhatNeverStarted() {
        for (Running running : node.pods()) {
            assertThat(asDeclared.drift(running.pod())).as(running.pod().name()).isEmpty();
            assertThat(asDeclared.of(running.sandbox().pid()))
                    .as("sandbox of " + running.pod().name())
                    .isEmpty();
        }
    }

    @Order(2)
    @Test
    void trap5NothingIsFoundInAProcessThatCameByExec() {
        assertThat(asDeclared.of(execed)).isEmpty();
    }

    @Order(2)
    @Test
    void trap20NothingIsFoundInAContainerInsideAContainer() {
        assertThat(asDeclared.of(nested)).isEmpty();
    }

    @Order(2)
    @Test
    void nothingIsUndeterminedForRoot() {
        Set<String> uids = new HashSet<>();
        node.pods().forEach(running -> uids.add(running.pod().uid()));
        assertThat(asDeclared.undetermined())
                .noneMatch(each -> uids.contains(each.path("podUid").asText()));
    }

    @Order(2)
    @Test
    void theExitStatusSaysWhetherThereIsDriftOfSeverityHigh() {
        assertThat(asDeclared.status()).isEqualTo(asDeclared.hasDriftFrom("high") ? 1 : 0);
    }

    @Order(3)
    @Test
    void everyContainerIsJudgedByItsOwnSpec() {
        Path contradicting = node.podList("contradicting.json", RealContainers::declareAnotherUser);
        Scan contradicted = node.scan(contradicting, "--fail-on", "medium");
        for (Running running : node.pods()) {
            for (Running.Container container : running.containers().values()) {
                new Expected(
                                running.pod(),
                                container.name(),
                                "user",
                                "medium",
                                "",
                                Set.of(container.pid()),
                                new Expected.Evidence("/" + container.pid() + "/status", "Uid:"))
                        .in(contradicted);
            }
        }
        assertThat(contradicted.status()).as("with --fail-on medium").isEqualTo(1);
    }

    @Order(3)
    @TestFactory
    Stream<DynamicTest> withoutKubeletTheBundleIsTheDeclaredSide() {
        Scan scan =
                Scan.json(List.of("--no-kubelet", "--host-root", node.hostRoot().toString()));
        return settings.stream()
                .map(setting -> dynamicTest(
                        setting.title(),
                        () -> assertThat(scan.drift().stream()
                                        .filter(finding -> finding.text("pod")
                                                .equals(setting.pod().name())))
                                .isEmpty()));
    }

    @Order(4)
    @TestFactory
    Stream<DynamicTest> driftIsFound() {
        var tests = new ArrayList<DynamicTest>();
        var expected = new ArrayList<Expected>();
        for (Scenario scenario : scenarios()) {
            List<Expected> ofThis = scenario.inject(node);
            expected.addAll(ofThis);
            tests.add(dynamicTest(scenario.title(), () -> assertFound(scenario, ofThis)));
        }
        for (Expected granted : DriftFromTheRuntime.start(node)) {
            expected.add(granted);
            tests.add(dynamicTest("granted by the runtime: " + granted.check(), () -> granted.in(drifted)));
        }
        for (Expected more : startMoreDrift(node)) {
            expected.add(more);
            tests.add(dynamicTest("by this runtime: " + more.check(), () -> more.in(drifted)));
        }
        expected.forEach(each -> each.pids().forEach(pid -> new Proc(pid).awaitSettled()));
        drifted = node.scan();
        Scan withoutKubelet = scanWithoutKubelet();
        expected.stream()
                .filter(each -> each.cause().equals("after-start") && SHOWN_BY_BUNDLES.contains(each.check()))
                .forEach(each -> tests.add(dynamicTest(
                        "without kubelet: " + each.check() + " of " + each.container(),
                        () -> each.in(withoutKubelet))));
        tests.add(dynamicTest("nothing else is found", () -> assertNothingElse(expected)));
        return tests.stream();
    }

    /** What the scenario expects; where it expects nothing, nothing in its pod. */
    private void assertFound(Scenario scenario, List<Expected> expected) {
        expected.forEach(each -> each.in(drifted));
        if (expected.isEmpty()) {
            assertThat(drifted.drift(node.byName().get(scenario.pod()).pod())).isEmpty();
        }
    }

    private Scan scanWithoutKubelet() {
        return Scan.json(List.of("--no-kubelet", "--host-root", node.hostRoot().toString()));
    }

    /** Of these pods. Other findings of the machine are not this test's. */
    private void assertNothingElse(List<Expected> expected) {
        for (Running running : node.pods()) {
            assertThat(drifted.drift(running.pod()))
                    .as(running.pod().name())
                    .allMatch(finding -> expected.stream().anyMatch(each -> each.isAbout(finding)));
        }
    }

    private static List<Scenario> scenarios() {
        return Stream.concat(DriftAfterStart.scenarios().stream(), DriftBetweenPods.scenarios().stream())
                .toList();
    }

    /** No container of these tests runs as this user. */
    private static void declareAnotherUser(ObjectNode list) {
        for (JsonNode item : list.get("items")) {
            for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
                for (JsonNode container : item.at("/spec").path(kind)) {
                    ((ObjectNode) container).withObject("/securityContext").put("runAsUser", 4242);
                }
            }
        }
    }
}
