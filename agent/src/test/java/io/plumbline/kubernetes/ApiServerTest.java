package io.plumbline.kubernetes;

import static io.plumbline.kubernetes.KubeletStub.json;
import static io.plumbline.kubernetes.KubeletStub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.kubernetes.KubeletStub.Answer;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ClusterFacts.NetworkPolicy;
import io.plumbline.model.ClusterFacts.Requirement;
import io.plumbline.model.ClusterFacts.Versions;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kubelet of 1.32 or before lists its pods only for who may run commands in them: the API server is asked instead. */
class ApiServerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String PODS = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode1";
    private static final String FORBIDDEN =
            "Forbidden (user=system:serviceaccount:plumbline:agent, verb=get, resource=nodes, subresource=proxy)";

    @TempDir
    private Path directory;

    private TestCertificates certificates;
    private KubeletStub kubelet;
    private KubeletStub server;

    @BeforeEach
    void start() throws Exception {
        certificates = TestCertificates.made();
        kubelet = KubeletStub.withTls(certificates.server(TestCertificates.KUBELET), false)
                .on("/pods", status("403 Forbidden", FORBIDDEN));
        server = KubeletStub.withTls(certificates.server(TestCertificates.KUBELET), false)
                .on(PODS, json("""
                {"kind": "PodList", "apiVersion": "v1", "items": [
                  {"metadata": {"namespace": "shop", "name": "web", "uid": "7a0b2a5c-0000-4000-8000-000000000001"},
                   "spec": {"nodeName": "node1", "containers": [{"name": "main", "image": "web:1"}]}}]}
                """));
        Path account = Files.createDirectories(directory.resolve("var/run/secrets/kubernetes.io/serviceaccount"));
        Files.copy(certificates.pem(TestCertificates.CA), account.resolve("ca.crt"));
        Files.writeString(account.resolve("token"), "abc\n");
    }

    @AfterEach
    void stop() throws Exception {
        kubelet.close();
        server.close();
    }

    private Optional<ApiServer> found() {
        return ApiServer.find(
                Map.of(
                        "KUBERNETES_SERVICE_HOST", "127.0.0.1",
                        "KUBERNETES_SERVICE_PORT", Integer.toString(server.url().getPort()),
                        "NODE_NAME", "node1"),
                directory);
    }

    private DeclaredNode ask(Optional<ApiServer> apiServer) throws Exception {
        KubeletOptions options = new KubeletOptions(
                kubelet.url(),
                Optional.of(certificates.pem(TestCertificates.CA)),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                PATIENCE,
                PATIENCE);
        try (KubeletClient client = new KubeletClient(options, apiServer)) {
            return client.node();
        }
    }

    @Test
    void apiServerIsAskedWhereTheKubeletRefuses() throws Exception {
        DeclaredNode node = ask(found());
        assertThat(node.pods()).extracting(DeclaredPod::name).containsExactly("web");
        assertThat(node.nodeName()).contains("node1");
        assertThat(node.source()).isEqualTo(server.url() + "/api/v1/pods?fieldSelector=spec.nodeName=node1");
        assertThat(node.warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .contains("the pods are the API server's")
                        .contains("do not grant it"));
        assertThat(server.requests().get(0)).contains("GET " + PODS).contains("Authorization: Bearer abc\n");
    }

    @Test
    void kubeletThatAnswersIsBelieved() throws Exception {
        kubelet.on("/pods", json("{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": null}"));
        assertThat(ask(found()).source()).isEqualTo(kubelet.url().toString());
        assertThat(server.requests()).noneMatch(request -> request.contains("/pods"));
    }

    @Test
    void apiServerTellsWhatTheKubeletDoesNotKnow() throws Exception {
        server.on(
                "/api/v1/namespaces",
                json("{\"kind\": \"NamespaceList\", \"items\": [{\"metadata\": {\"name\": \"shop\","
                        + " \"labels\": {\"pod-security.kubernetes.io/enforce\": \"baseline\"}}}]}"));
        server.on(
                "/apis/networking.k8s.io/v1/networkpolicies",
                json(
                        "{\"kind\": \"NetworkPolicyList\", \"items\": [{\"metadata\": {\"name\": \"deny\", \"namespace\": \"shop\"},"
                                + " \"spec\": {\"podSelector\": {\"matchLabels\": {\"app\": \"db\"}, \"matchExpressions\":"
                                + " [{\"key\": \"tier\", \"operator\": \"In\", \"values\": [\"back\"]}]}}}]}"));
        server.on(
                "/api/v1/nodes/node1",
                json(
                        "{\"kind\": \"Node\", \"metadata\": {\"name\": \"node1\"}, \"status\": {\"nodeInfo\":"
                                + " {\"kubeletVersion\": \"v1.32.2\", \"containerRuntimeVersion\": \"containerd://1.6.20\"}}}"));

        ClusterFacts cluster = ask(found()).cluster();

        assertThat(cluster.namespaces())
                .isEqualTo(Reading.of(Map.of("shop", Map.of("pod-security.kubernetes.io/enforce", "baseline"))));
        assertThat(cluster.networkPolicies())
                .isEqualTo(Reading.of(List.of(new NetworkPolicy(
                        "shop",
                        "deny",
                        Map.of("app", "db"),
                        List.of(new Requirement("tier", "In", List.of("back")))))));
        assertThat(cluster.node()).isEqualTo(Reading.of(new Versions("v1.32.2", "containerd://1.6.20")));
    }

    @Test
    void kubeconfigThatWasNamedLeadsToTheApiServerToo() throws Exception {
        server.on(
                "/api/v1/namespaces",
                json("{\"kind\": \"NamespaceList\", \"items\": [{\"metadata\": {\"name\": \"shop\"}}]}"));
        Path kubeconfig = kubeconfig(Files.readAllBytes(certificates.pem(TestCertificates.CA)));
        DeclaredNode node = ask(Optional.of(ApiServer.named(kubeconfig, Map.of("NODE_NAME", "node1"))));
        assertThat(node.pods()).extracting(DeclaredPod::name).containsExactly("web");
        assertThat(node.cluster().namespaces()).isInstanceOf(Reading.Observed.class);
        assertThat(server.requests())
                .isNotEmpty()
                .allMatch(request -> request.contains("Authorization: Bearer of-the-kubeconfig\n"));
    }

    @Test
    void kubeconfigTellsNoNodesName() throws Exception {
        kubelet.on("/pods", json("{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": []}"));
        Path kubeconfig = kubeconfig(Files.readAllBytes(certificates.pem(TestCertificates.CA)));
        DeclaredNode node = ask(Optional.of(ApiServer.named(kubeconfig, Map.of())));
        assertThat(node.cluster().node())
                .isEqualTo(new Reading.Unreadable<>(
                        server.url() + "/api/v1/nodes", "nothing tells this node's name; set NODE_NAME to it"));
    }

    @Test
    void kubeconfigOfAnotherClusterIsNotBelieved() throws Exception {
        Path kubeconfig = kubeconfig(Files.readAllBytes(certificates.pem(TestCertificates.OTHER_CA)));
        kubelet.on("/pods", json("{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"items\": []}"));
        DeclaredNode node = ask(Optional.of(ApiServer.named(kubeconfig, Map.of("NODE_NAME", "node1"))));
        assertThat(node.cluster().namespaces())
                .isInstanceOfSatisfying(
                        Reading.Unreadable.class, no -> assertThat(no.why()).contains("no TLS connection"));
    }

    private Path kubeconfig(byte[] authority) throws Exception {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s", certificate-authority-data: "%s"}}]
                users: [{name: u, user: {token: of-the-kubeconfig}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(
                        server.url(), Base64.getEncoder().encodeToString(authority)));
    }

    @Test
    void whatTheApiServerRefusesNamesTheMissingRule() throws Exception {
        server.on("/api/v1/namespaces", status("403 Forbidden", "{\"message\": \"no\"}"));
        assertThat(ask(found()).cluster().namespaces())
                .isInstanceOfSatisfying(
                        Reading.Unreadable.class,
                        refused -> assertThat(refused.why()).contains("resource 'namespaces', verb 'list'"));
    }

    /** Else the policies of all namespaces would be others for as long as the API server is away. */
    @Test
    void whatTheApiServerSaidLastHoldsWhileItIsAway() throws Exception {
        Answer good = json("{\"kind\": \"NamespaceList\", \"items\": [{\"metadata\": {\"name\": \"shop\","
                + " \"labels\": {\"pod-security.kubernetes.io/enforce\": \"baseline\"}}}]}");
        server.on("/api/v1/namespaces", good);
        ApiServer there = found().orElseThrow();
        ApiServer impatient = new ApiServer(
                new KubeletOptions(
                        there.options().url(),
                        there.options().certificateAuthority(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        there.options().tokenFile(),
                        false,
                        Duration.ofMillis(300),
                        Duration.ofMillis(300)),
                there.node(),
                Optional.empty());
        try (KubeletConnection connection = impatient.connection(1 << 20)) {
            ClusterQuestions questions =
                    new ClusterQuestions(impatient, connection, JsonCursor.factory(), Duration.ZERO, Duration.ZERO);
            List<String> warnings = new ArrayList<>();
            ClusterFacts truth = questions.facts(Optional.empty(), warnings);
            assertThat(truth.namespaces()).isInstanceOf(Reading.Observed.class);
            assertThat(warnings).isEmpty();
            for (Answer trouble : List.of(
                    status("503 Service Unavailable", "etcd"),
                    status("200 OK", "{\"kind\": \"NamespaceList\", \"items\": [{"),
                    out -> Thread.sleep(1000))) {
                server.on("/api/v1/namespaces", trouble);
                warnings.clear();
                assertThat(questions.facts(Optional.empty(), warnings)).isEqualTo(truth);
                assertThat(warnings)
                        .singleElement()
                        .asString()
                        .matches("what the API server says is of 20\\S+Z, because a newer answer could not be had: .*");
            }
            server.on("/api/v1/namespaces", status("403 Forbidden", "{\"message\": \"no\"}"));
            warnings.clear();
            assertThat(questions.facts(Optional.empty(), warnings).namespaces()).isInstanceOf(Reading.Unreadable.class);
            assertThat(warnings).isEmpty();
            server.on("/api/v1/namespaces", good);
            assertThat(questions.facts(Optional.empty(), warnings)).isEqualTo(truth);
        }
    }

    @Test
    void refusalOfBothIsOneLineWithTheMissingRule() {
        server.on(PODS, status("403 Forbidden", "{\"message\": \"pods is forbidden\"}"));
        assertThatThrownBy(() -> ask(found()))
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("lacks 'nodes/proxy'")
                .hasMessageContaining("grant resource 'pods', verb 'list'");
    }

    @Test
    void otherTroubleOfTheKubeletIsNotPaperedOver() {
        kubelet.on("/pods", status("401 Unauthorized", "Unauthorized"));
        assertThatThrownBy(() -> ask(found())).hasMessageContaining("401 Unauthorized");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void withoutAnApiServerTheKubeletsRefusalStands() {
        assertThatThrownBy(() -> ask(Optional.empty())).hasMessageContaining("lacks 'nodes/proxy'");
    }

    @Test
    void outsideOfAClusterOrWithoutTheNodesNameThereIsNobodyToAsk() {
        assertThat(ApiServer.find(Map.of("NODE_NAME", "node1"), directory)).isEmpty();
        assertThat(ApiServer.find(Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1"), directory))
                .isEmpty();
        assertThat(ApiServer.find(Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "NODE_NAME", "n"), directory))
                .hasValueSatisfying(found -> assertThat(found.options().url()).hasToString("https://[fd00::1]:443"));
    }
}
