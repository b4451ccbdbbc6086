package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * For each field of a PodSecurityPolicy that the kernel shows: a real container that it admits and one that it does not, each pair in a
 * namespace of its own with a policy of its own. And an image's user under a manifest that says nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyIT {

    /** Its user is 1000; that of {@link Image#NAME} is root. */
    private static final String IMAGE_OF_APP = "plumbline.test/workload:app";

    private static final String BETWEEN_KEYS = ", (?=[a-zA-Z]+:)";

    /** Lets everything in but what a case takes away. */
    private static final String OPEN =
            "privileged: true, hostNetwork: true, hostPID: true, hostIPC: true, volumes: ['*'],"
                    + " allowedCapabilities: ['*']";

    /**
     * One field.
     *
     * @param field of the policy, with its value
     * @param annotation of the policy, or nothing
     * @param check that the refused pod violates
     * @param admitted the spec of the pod that is admitted, one line of YAML
     */
    private record Case(String name, String field, String annotation, String check, String admitted, String refused) {

        Case(String name, String field, String check, String admitted, String refused) {
            this(name, field, "", check, admitted, refused);
        }

        String namespace() {
            return "psp-" + name;
        }

        String policy() {
            return """
                    apiVersion: policy/v1beta1
                    kind: PodSecurityPolicy
                    metadata: {name: %1$s, annotations: {%2$s}}
                    spec: {%3$s, %4$s}
                    ---
                    apiVersion: plumbline.io/v1
                    kind: PolicyBinding
                    metadata: {name: %1$s}
                    spec: {policies: [%1$s], namespaces: [%5$s]}
                    ---
                    """.formatted(name, annotation, open(), field, namespace());
        }

        /** Without the fields that the case sets itself. */
        private String open() {
            Set<String> own = keys(field).collect(Collectors.toSet());
            return Stream.of(OPEN.split(BETWEEN_KEYS))
                    .filter(one -> keys(one).noneMatch(own::contains))
                    .collect(Collectors.joining(", "));
        }

        private static Stream<String> keys(String fields) {
            return Stream.of(fields.split(BETWEEN_KEYS))
                    .map(one -> one.substring(0, one.indexOf(':')).strip());
        }

        Pod pod(String which, String spec) {
            return Pod.of("metadata: {name: " + which + ", namespace: " + namespace() + "}\nspec: " + spec);
        }
    }

    private static String container(String security) {
        return "{containers: [{name: main, securityContext: {" + security + "}}]}";
    }

    private static String pod(String podSecurity) {
        return "{securityContext: {" + podSecurity + "}, containers: [{name: main}]}";
    }

    private static String volume(String source) {
        return "{volumes: [{name: v, " + source
                + "}], containers: [{name: main, volumeMounts: [{name: v, mountPath: /v}]}]}";
    }

    private static final String LOGS = "hostPath: {path: /var/log}";

    private static final String SILENT = "{containers: [{name: main}]}";

    /** What these ask for is a matter of the spec alone; an unconfined container looks to the kernel as one that says nothing. */
    private static final Set<String> OF_THE_SPEC_ALONE =
            Set.of("privileged", "fs-group", "seccomp-profile-baseline", "allowed-volumes", "allowed-host-paths");

    private static final List<Case> CASES = List.of(
            new Case("privileged", "privileged: false", "privileged", SILENT, container("privileged: true")),
            new Case(
                    "host-network",
                    "hostNetwork: false",
                    "host-namespaces",
                    SILENT,
                    "{hostNetwork: true, containers: [{name: main}]}"),
            new Case(
                    "host-pid",
                    "hostPID: false",
                    "host-namespaces",
                    SILENT,
                    "{hostPID: true, containers: [{name: main}]}"),
            new Case(
                    "host-ipc",
                    "hostIPC: false",
                    "host-namespaces",
                    SILENT,
                    "{hostIPC: true, containers: [{name: main}]}"),
            new Case(
                    "allowed-capabilities",
                    "allowedCapabilities: [SYS_TIME], privileged: false",
                    "capabilities-baseline",
                    container("capabilities: {add: [SYS_TIME]}"),
                    container("capabilities: {add: [NET_ADMIN]}")),
            new Case(
                    "required-drop",
                    "requiredDropCapabilities: [NET_RAW], allowedCapabilities: [SYS_TIME], privileged: false",
                    "capabilities-restricted",
                    container("capabilities: {drop: [NET_RAW]}"),
                    SILENT),
            new Case(
                    "user",
                    "runAsUser: {rule: MustRunAs, ranges: [{min: 405, max: 405}]}",
                    "run-as-user",
                    container("runAsUser: 405"),
                    SILENT),
            new Case(
                    "non-root",
                    "runAsUser: {rule: MustRunAsNonRoot}",
                    "run-as-non-root",
                    "{containers: [{name: main, image: '" + IMAGE_OF_APP + "'}]}",
                    SILENT),
            new Case(
                    "group",
                    "runAsGroup: {rule: MustRunAs, ranges: [{min: 3000, max: 3999}]}",
                    "run-as-group",
                    container("runAsUser: 1000, runAsGroup: 3001"),
                    container("runAsUser: 1000, runAsGroup: 4000")),
            new Case(
                    "supplemental-groups",
                    "supplementalGroups: {rule: MustRunAs, ranges: [{min: 4000, max: 4999}]}",
                    "supplemental-groups",
                    pod("runAsUser: 1000, supplementalGroups: [4500]"),
                    pod("runAsUser: 1000, supplementalGroups: [4500, 6000]")),
            new Case(
                    "fs-group",
                    "fsGroup: {rule: MustRunAs, ranges: [{min: 2000, max: 2000}]}",
                    "fs-group",
                    pod("fsGroup: 2000"),
                    pod("fsGroup: 2001")),
            new Case(
                    "read-only-root",
                    "readOnlyRootFilesystem: true",
                    "read-only-root-filesystem",
                    container("readOnlyRootFilesystem: true"),
                    SILENT),
            new Case(
                    "escalation",
                    "allowPrivilegeEscalation: false",
                    "allow-privilege-escalation",
                    container("allowPrivilegeEscalation: false"),
                    SILENT),
            new Case(
                    "seccomp",
                    "privileged: false",
                    "seccomp.security.alpha.kubernetes.io/allowedProfileNames: runtime/default",
                    "seccomp-profile-baseline",
                    container("seccompProfile: {type: RuntimeDefault}"),
                    container("seccompProfile: {type: Unconfined}")),
            new Case(
                    "volumes",
                    "volumes: [emptyDir, projected]",
                    "allowed-volumes",
                    volume("emptyDir: {}"),
                    volume(LOGS)),
            new Case(
                    "host-paths",
                    "allowedHostPaths: [{pathPrefix: /var/log}]",
                    "allowed-host-paths",
                    volume(LOGS),
                    volume("hostPath: {path: /usr/share}")));

    private Node node;
    private Running root;
    private Running app;
    private Scan byFiles;
    private Scan byDefault;

    @BeforeAll
    void startPodsAndScan() throws IOException {
        node = Node.with("runc");
        try {
            StringBuilder policies = new StringBuilder();
            for (Case one : CASES) {
                policies.append(one.policy());
                node.run(one.pod(one.name() + "-admitted", one.admitted()));
                node.run(one.pod(one.name() + "-refused", one.refused()));
            }
            root = node.run(Pod.of("metadata: {name: image-of-root, namespace: shop}\nspec: " + SILENT));
            app = node.run(
                    Pod.of("metadata: {name: image-of-app, namespace: shop}\nspec: {containers: [{name: main, image: '"
                            + IMAGE_OF_APP + "'}]}"));
            node.pods().forEach(running -> new Proc(running.main().pid()).awaitSettled());
            Path file = node.directory().resolve("policies.yaml");
            Files.writeString(file, policies);
            byFiles = node.scan("--policy", file.toString());
            byDefault = node.scan();
        } catch (RuntimeException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> containerThatThePolicyAdmitsHasNothingAgainstIt() {
        return CASES.stream()
                .map(one -> dynamicTest(
                        one.field(),
                        () -> assertThat(
                                        byFiles.policy(running(one, "-admitted").pod()))
                                .isEmpty()));
    }

    @TestFactory
    Stream<DynamicTest> containerThatThePolicyRefusesViolatesExactlyThat() {
        return CASES.stream()
                .map(one -> dynamicTest(one.field(), () -> {
                    Running running = running(one, "-refused");
                    List<Finding> found = byFiles.policy(running.pod());
                    assertThat(found).extracting(Finding::check).containsExactly(one.check());
                    assertThat(found.get(0).text("policy")).isEqualTo("PodSecurityPolicy " + one.name());
                    assertThat(found.get(0).text("message")).contains("container main");
                }));
    }

    @TestFactory
    Stream<DynamicTest> kernelIsTheWitnessWhereItShowsIt() {
        return CASES.stream()
                .filter(one -> !OF_THE_SPEC_ALONE.contains(one.check()))
                .map(one -> dynamicTest(one.field(), () -> {
                    Running running = running(one, "-refused");
                    Finding finding = byFiles.policy(running.pod()).get(0);
                    assertThat(finding.pids()).containsExactly(running.main().pid());
                    assertThat(finding.evidence())
                            .anyMatch(line -> line.source()
                                    .startsWith("/proc/" + running.main().pid() + "/"));
                }));
    }

    @Test
    void mustRunAsNonRootIsAPromiseThatDriftHoldsContainersTo() {
        Case nonRoot = CASES.stream()
                .filter(one -> one.name().equals("non-root"))
                .findFirst()
                .orElseThrow();

        assertThat(byFiles.drift(running(nonRoot, "-refused").pod()))
                .extracting(Finding::check)
                .containsExactly("root-user");
        assertThat(byFiles.drift(running(nonRoot, "-admitted").pod())).isEmpty();
    }

    @Test
    void imagesRootIsFoundUnderAManifestThatSaysNothing() {
        Finding finding = nonRoot(root);

        assertThat(finding.text("message")).contains("1 process has uid 0");
        assertThat(finding.pids()).containsExactly(root.main().pid());
        assertThat(finding.evidence()).anyMatch(line -> line.line().startsWith("Uid:\t0\t0\t0\t0"));
    }

    @Test
    void imagesOtherUserIsSeenAndCountsAlthoughNothingPromisesIt() {
        Finding finding = nonRoot(app);

        assertThat(finding.text("message")).contains("It holds all the same (uid 1000), not declared.");
        assertThat(finding.text("severity")).isEqualTo("low");
        assertThat(finding.pids()).isEmpty();
    }

    private Finding nonRoot(Running running) {
        List<Finding> found = new ArrayList<>(byDefault.policy(running.pod()));
        found.removeIf(finding -> !finding.check().equals("run-as-non-root"));
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private Running running(Case one, String which) {
        return node.byName().get(one.name() + which);
    }
}
