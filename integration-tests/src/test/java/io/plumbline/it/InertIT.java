package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Declarations that have no effect, in real containers, each beside one that has it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InertIT {

    /** By the cause that the finding must have: a spec that says something in vain, and one that says the same with effect. */
    private static final Map<String, List<String>> CASES = cases();

    private static Map<String, List<String>> cases() {
        Map<String, List<String>> cases = new LinkedHashMap<>();
        cases.put(
                "privileged-seccomp",
                List.of(
                        container("privileged: true, seccompProfile: {type: RuntimeDefault}"),
                        container("seccompProfile: {type: RuntimeDefault}")));
        cases.put(
                "privileged-capabilities-drop",
                List.of(
                        container("privileged: true, capabilities: {drop: [NET_RAW]}"),
                        container("capabilities: {drop: [NET_RAW]}")));
        cases.put(
                "escalation-pointless",
                List.of(
                        container("allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}"),
                        container("allowPrivilegeEscalation: false")));
        cases.put(
                "capability-not-held",
                List.of(
                        container("runAsUser: 1000, capabilities: {add: [NET_ADMIN]}"),
                        container("capabilities: {add: [NET_ADMIN]}")));
        cases.put("host-root-writable", List.of(hostRoot("mountPath: /v"), hostRoot("mountPath: /v, readOnly: true")));
        cases.put("fs-group-ignored", List.of(volume("hostPath: {path: /var/log}"), volume("emptyDir: {}")));
        return cases;
    }

    private static String container(String security) {
        return "{containers: [{name: main, securityContext: {" + security + "}}]}";
    }

    /** The node's whole root beside an image that may not be written. */
    private static String hostRoot(String mount) {
        return "{volumes: [{name: v, hostPath: {path: /}}], containers: [{name: main, securityContext: {readOnlyRootFilesystem: true},"
                + " volumeMounts: [{name: v, " + mount + "}]}]}";
    }

    private static String volume(String source) {
        return "{securityContext: {fsGroup: 2000}, volumes: [{name: v, " + source
                + "}], containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}]}]}";
    }

    private Node node;
    private Running neverStarted;
    private Scan scan;

    @BeforeAll
    void startPodsAndScan() {
        node = Node.with("runc");
        try {
            CASES.forEach((cause, specs) -> {
                node.run(pod(cause + "-in-vain", specs.get(0)));
                node.run(pod(cause + "-with-effect", specs.get(1)));
            });
            node.pods().forEach(running -> new Proc(running.main().pid()).awaitSettled());
            neverStarted = node.runSandboxOnly(pod("never-starts", container("runAsNonRoot: true, runAsUser: 0")));
            scan = node.scan();
        } catch (RuntimeException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    private static Pod pod(String name, String spec) {
        return Pod.of("metadata: {name: " + name + ", namespace: shop}\nspec: " + spec);
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> whatIsSaidInVainIsFoundWithItsCauseAndWayOut() {
        return CASES.keySet().stream()
                .map(cause -> dynamicTest(cause, () -> {
                    Running running = node.byName().get(cause + "-in-vain");
                    List<Finding> found = scan.inert(running.pod());
                    assertThat(found).hasSize(1);
                    assertThat(found.get(0).text("cause")).isEqualTo(cause);
                    assertThat(found.get(0).text("message"))
                            .contains("has no effect: ")
                            .contains("container main");
                    assertThat(found.get(0).text("remedy")).isNotBlank();
                }));
    }

    @TestFactory
    Stream<DynamicTest> theSameWithEffectIsNone() {
        return CASES.keySet().stream()
                .map(cause -> dynamicTest(
                        cause,
                        () -> assertThat(scan.inert(node.byName()
                                        .get(cause + "-with-effect")
                                        .pod()))
                                .isEmpty()));
    }

    @Test
    void kernelIsTheWitness() {
        assertWitness("privileged-seccomp", "Seccomp:\t0");
        assertWitness("privileged-capabilities-drop", "CapBnd:\t");
        assertWitness("capability-not-held", "CapPrm:\t0000000000000000");
    }

    private void assertWitness(String cause, String line) {
        Running running = node.byName().get(cause + "-in-vain");
        assertThat(scan.inert(running.pod()).get(0).evidence())
                .anyMatch(one -> one.source().equals("/proc/" + running.main().pid() + "/status")
                        && one.line().startsWith(line));
    }

    @Test
    void containerThatIsToBeRootAndNotRootNeverStarts() {
        List<Finding> found = scan.inert(neverStarted.pod());

        assertThat(found).hasSize(1);
        assertThat(found.get(0).text("cause")).isEqualTo("never-starts");
    }
}
