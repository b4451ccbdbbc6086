package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The image under the security context and with the mounts of the rendered manifests, with each runtime: the privileged one beside a kubelet of
 * today, the one with the fewest rights beside a kubelet of 1.32, which has to be gone around.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class AgentPods {
    private static final String PRIVILEGED = "install.yaml";
    private static final String FEWEST_RIGHTS = "install-least-privilege.yaml";
    private static final int KUBELET_PORT = 10250;
    private static final long MIB = 1024;

    private final String runtime;
    private final Map<String, AgentPod> agents = new LinkedHashMap<>();
    private final Map<String, Roles> roles = new LinkedHashMap<>();
    private final Map<String, StubCluster> clusters = new LinkedHashMap<>();
    private Node node;
    private Running victim;

    AgentPods(String runtime) {
        this.runtime = runtime;
    }

    @BeforeAll
    void startTheNodeAndBothAgents() {
        Machine.needsProgram("apt-get");
        Machine.needsProgram("cc");
        node = Node.with(runtime);
        try {
            AgentImage image = AgentImage.ofThisMachine(node.directory());
            String unpacked = node.runtime().unpack(image);
            String today = loopback();
            String older = loopback();
            ServerCertificate certificate = ServerCertificate.make(node.directory(), today, older);
            victim = node.run(Pod.ofDeployment("{name: main, securityContext: {runAsNonRoot: true, runAsUser: 1000}}"));
            start(PRIVILEGED, today, true, unpacked, certificate);
            start(FEWEST_RIGHTS, older, false, unpacked, certificate);
            agents.values().forEach(AgentPod::awaitReady);
        } catch (RuntimeException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    /** An address that is nobody else's: the agent asks the kubelet at the port that kubelets have, and finds it by the node's address alone. */
    private static String loopback() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "127." + random.nextInt(1, 250) + "." + random.nextInt(1, 250) + "." + random.nextInt(1, 250);
    }

    private void start(
            String manifest, String address, boolean fineGrained, String image, ServerCertificate certificate) {
        Roles of = Roles.of(Machine.repository().resolve("daemonset").resolve(manifest));
        StubCluster cluster = StubCluster.start(
                of,
                new InetSocketAddress(address, KUBELET_PORT),
                fineGrained,
                () -> KubeletPods.of(node.pods()),
                certificate,
                node.undo());
        roles.put(manifest, of);
        clusters.put(manifest, cluster);
        agents.put(manifest, AgentPod.start(node, of.object("DaemonSet", "plumbline"), image, cluster, certificate));
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    @Order(1)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void itsOwnPodIsAsDeclaredAndBreaksNoPolicy(String manifest) {
        assertThat(agents.get(manifest).findings("plumbline")).isEmpty();
    }

    @Order(1)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void nothingOfThePodsIsHiddenFromIt(String manifest) {
        AgentPod agent = agents.get(manifest);
        for (Running pod : List.of(victim, agent.running())) {
            // Of what has just begun nothing is known for two seconds, and no scan is due by then.
            Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                String table = agent.get(
                                "/api/v1/pods/" + pod.pod().namespace() + "/"
                                        + pod.pod().name(),
                                "operator")
                        .body();
                assertThat(new ObjectMapper().readTree(table).findValuesAsText("verdict"))
                        .as(table)
                        .isNotEmpty()
                        .doesNotContain("undetermined");
            });
        }
    }

    @Order(2)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void driftIsFound(String manifest) {
        if (manifest.equals(PRIVILEGED)) {
            node.exec(victim.main(), 0, "/bin/sleep", Marker.next());
        }
        Awaitility.await("the finding")
                .atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(agents.get(manifest).findings("shop"))
                        .anyMatch(finding -> finding.text("check").equals("root-user")));
        assertThat(agents.get(manifest).get("/metrics", "prometheus").body())
                .contains("check=\"root-user\"")
                .contains("workload=\"web\"");
    }

    @Order(2)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void nobodySeesAnythingWithoutARight(String manifest) {
        AgentPod agent = agents.get(manifest);
        assertThat(agent.get("/api/v1/findings", "").statusCode()).isEqualTo(401);
        assertThat(agent.get("/api/v1/findings", "nobody-has-this-one").statusCode())
                .isEqualTo(401);
        assertThat(agent.get("/api/v1/node", "stranger").statusCode()).isEqualTo(403);
        assertThat(agent.get("/api/v1/node", "prometheus").statusCode()).isEqualTo(403);
        assertThat(agent.get("/metrics", "prometheus").statusCode()).isEqualTo(200);
        assertThat(agent.get("/livez", "").statusCode()).isEqualTo(200);
    }

    @Order(3)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void itFitsIntoHalfOfTheMemoryThatTheManifestAllows(String manifest) {
        assertThat(Long.parseLong(agents.get(manifest)
                        .process()
                        .status("VmRSS")
                        .replace(" kB", "")
                        .strip()))
                .as("kB of resident memory")
                .isLessThan(384 * MIB / 2);
    }

    @Order(3)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void theKernelGivesItWhatTheManifestSaysAndNothingMore(String manifest) {
        Proc process = agents.get(manifest).process();
        boolean privileged = manifest.equals(PRIVILEGED);
        assertThat(process.status("NoNewPrivs")).isEqualTo(privileged ? "0" : "1");
        assertThat(process.status("Seccomp")).isEqualTo(privileged ? "0" : "2");
        if (!privileged) {
            assertThat(process.status("CapBnd")).isEqualTo(process.status("CapEff"));
            assertThat(process.status("CapBnd").toLowerCase(java.util.Locale.ROOT))
                    .isEqualTo(Capabilities.mask(List.of("CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH")));
        }
    }

    @Order(3)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void theClusterIsToldByAReportOfTheNodeAndAnEventOnThePod(String manifest) {
        StubCluster cluster = clusters.get(manifest);
        Awaitility.await("a report with the drift, and the Event")
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    assertThat(cluster.reports()).isNotEmpty();
                    JsonNode last = cluster.reports().get(cluster.reports().size() - 1);
                    assertThat(last.at("/metadata/ownerReferences/0/kind").asText())
                            .isEqualTo("Node");
                    assertThat(last.at("/status/findings/high").asInt()).isPositive();
                    assertThat(last.at("/status/worst").toString())
                            .contains("root-user")
                            .contains("web-7d4b9c-x2x4k");
                    assertThat(cluster.events()).anySatisfy(event -> {
                        assertThat(event.at("/reason").asText()).isEqualTo("RootUser");
                        assertThat(event.at("/regarding/uid").asText())
                                .isEqualTo(victim.pod().uid());
                    });
                });
    }

    @Order(4)
    @Test
    void everyRightOfTheRoleIsUsedAndNoOtherIsAskedFor() {
        Set<String> used = new TreeSet<>();
        roles.values().forEach(each -> used.addAll(each.used()));
        assertThat(used).isEqualTo(roles.get(PRIVILEGED).given("plumbline-agent"));
        clusters.values().forEach(cluster -> assertThat(cluster.refused()).isEmpty());
    }

    @Order(5)
    @ParameterizedTest
    @ValueSource(strings = {PRIVILEGED, FEWEST_RIGHTS})
    void itEndsAtOnceWhenItIsToldToAndLeavesItsFindingsAlone(String manifest) throws IOException {
        AgentPod agent = agents.get(manifest);
        ProcessHandle process = ProcessHandle.of(agent.running().main().pid()).orElseThrow();
        process.destroy();
        Awaitility.await("its end").atMost(Duration.ofSeconds(12)).until(() -> ended(process));
        try (Stream<Path> kept = Files.list(agent.state())) {
            assertThat(kept).as("what outlives the pod").isNotEmpty();
        }
    }

    /** Ended, and perhaps not yet fetched by its parent. */
    private static boolean ended(ProcessHandle process) {
        try {
            return !process.isAlive()
                    || Files.readString(Path.of("/proc/" + process.pid() + "/stat"))
                            .contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }
}
