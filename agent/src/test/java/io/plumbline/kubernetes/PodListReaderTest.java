package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.kubernetes.PodListReader.PodList;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredContainer.HandlerHost;
import io.plumbline.model.DeclaredContainer.Kind;
import io.plumbline.model.DeclaredContainer.LinuxUser;
import io.plumbline.model.DeclaredContainer.Port;
import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.PodSecurity;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import io.plumbline.model.DeclaredPod.Volume;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PodListReaderTest {
    /** Of a pod that runs. */
    static final String META = "\"metadata\":{\"namespace\":\"shop\",\"name\":\"web\",\"uid\":\"u-1\"}";

    @Test
    void readsEveryPodOfTheCapturedKubelet() throws Exception {
        List<DeclaredPod> pods = captured().pods();

        assertThat(pods).hasSize(20);
        assertThat(captured().nodeName()).contains("node1");
        DeclaredPod shared = pod(pods, "pod-with-shared-volume-fsgroup");
        assertThat(shared.security().fsGroup()).contains(555L);
        assertThat(shared.security().supplementalGroups()).containsExactly(666L, 777L);
        assertThat(shared.volumes())
                .extracting(Volume::name, Volume::type)
                .contains(org.assertj.core.groups.Tuple.tuple("shared-volume", "emptyDir"));
        assertThat(shared.containers())
                .extracting(container -> container.security().runAsUser())
                .containsExactly(Optional.of(1111L), Optional.of(2222L));
        assertThat(pod(pods, "pod-with-host-pid-and-ipc").hostPid()).isTrue();
        assertThat(pod(pods, "pod-with-host-pid-and-ipc").hostIpc()).isTrue();
        assertThat(pod(pods, "pod-with-host-pid-and-ipc").hostNetwork()).isFalse();
        assertThat(pod(pods, "pod-with-host-network").hostNetwork()).isTrue();
        assertThat(pod(pods, "shared-pid").shareProcessNamespace()).isTrue();
        assertThat(pod(pods, "kubia-hostport").containers().get(0).ports())
                .containsExactly(new Port(8080, Optional.of(9000), "TCP"));
        assertThat(pod(pods, "pod-privileged").containers().get(0).security().privileged())
                .contains(true);
        assertThat(pod(pods, "hostpath-reader").volumes())
                .filteredOn(volume -> volume.type().equals("hostPath"))
                .extracting(Volume::hostPath)
                .containsExactly(Optional.of("/var/log"), Optional.of("/run"));
        assertThat(pod(pods, "hardened").security().seccompProfile())
                .contains(new Profile("RuntimeDefault", Optional.empty()));
        assertThat(pods)
                .filteredOn(any -> !any.name().equals("pod-run-as-non-root"))
                .allSatisfy(any -> {
                    assertThat(any.phase()).isEqualTo("Running");
                    assertThat(any.containers())
                            .allSatisfy(container -> assertThat(container
                                            .status()
                                            .flatMap(Status::id)
                                            .orElseThrow())
                                    .matches("[0-9a-f]{64}"));
                });
    }

    @Test
    void containerThatNeverStartedHasAStatusWithoutId() throws Exception {
        DeclaredPod refused = pod(captured().pods(), "pod-run-as-non-root");
        assertThat(refused.phase()).isEqualTo("Pending");
        assertThat(refused.containers().get(0).status())
                .contains(new Status(
                        Optional.empty(),
                        "waiting",
                        Optional.of("CreateContainerConfigError"),
                        "alpine",
                        "",
                        0,
                        Optional.empty()));
    }

    @Test
    void tellsInitSidecarAndApplicationContainersApart() throws Exception {
        DeclaredPod sidecar = pod(captured().pods(), "sidecar");
        assertThat(sidecar.containers())
                .extracting(DeclaredContainer::name, DeclaredContainer::kind)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("setup", Kind.INIT),
                        org.assertj.core.groups.Tuple.tuple("proxy", Kind.SIDECAR),
                        org.assertj.core.groups.Tuple.tuple("app", Kind.CONTAINER));
        assertThat(sidecar.containers().get(0).status().orElseThrow().state()).isEqualTo("terminated");
        assertThat(sidecar.containers().get(0).status().orElseThrow().reason()).contains("Completed");
    }

    @Test
    void readsEveryFieldOfAPod() throws Exception {
        DeclaredPod pod = one("""
                {"status": {
                   "phase": "Running",
                   "ephemeralContainerStatuses": [{"name": "debug", "state": {"waiting": {"reason": "ErrImagePull"}},
                      "image": "busybox", "imageID": "", "restartCount": 0}],
                   "containerStatuses": [{"name": "main", "containerID": "cri-o://abc", "restartCount": 3,
                      "state": {"running": {"startedAt": "2026-11-20T21:41:06Z"}, "waiting": null}, "image": "i", "imageID": "i@sha256:1",
                      "user": {"linux": {"uid": 1000, "gid": 3000, "supplementalGroups": [3000, 50000]}}}]},
                 "spec": {
                   "nodeName": "node7", "hostUsers": false, "terminationGracePeriodSeconds": 135, "os": {"name": "linux"}, "runtimeClassName": "gvisor", "serviceAccountName": "shop",
                   "securityContext": {
                      "runAsUser": 1, "runAsGroup": 2, "runAsNonRoot": true, "fsGroup": 3, "supplementalGroups": [4],
                      "supplementalGroupsPolicy": "Strict", "seLinuxOptions": {"user": "u", "role": "r", "type": "t", "level": "s0:c1"},
                      "appArmorProfile": {"type": "Localhost", "localhostProfile": "web"}, "seccompProfile": {"type": "Unconfined"},
                      "windowsOptions": {"hostProcess": true},
                      "sysctls": [{"name": "net.ipv4.ip_local_port_range", "value": "1 2"}]},
                   "volumes": [
                      {"emptyDir": {"medium": "Memory"}, "name": "memory"}, {"name": "token", "projected": {"sources": [
                        {"configMap": {"name": "x"}}, {"serviceAccountToken": {"path": "token"}}]}},
                      {"name": "plain", "projected": {"sources": [{"secret": {"name": "s"}}]}}, {"name": "unset", "hostPath": null},
                      {"name": "both", "hostPath": {"path": "/"}, "emptyDir": {}},
                      {"name": "claim", "persistentVolumeClaim": {"claimName": "c"}}],
                   "ephemeralContainers": [{"name": "debug", "image": "busybox", "targetContainerName": "main"}],
                   "initContainers": [{"name": "setup", "restartPolicy": null}],
                   "containers": [{"name": "main", "image": "i", "terminationMessagePath": "/tmp/log",
                      "resources": {"limits": {"cpu": "1", "hugepages-2Mi": "2Mi", "nvidia.com/gpu": "1"},
                        "requests": {"nvidia.com/gpu": 1, "x.kubernetes.io/y": "1"}, "claims": [{"name": "shared-gpu", "request": "r"}, {"name": ""}]},
                      "livenessProbe": {"periodSeconds": 1, "httpGet": {"host": "10.0.0.1", "port": 80}},
                      "readinessProbe": {"tcpSocket": {"host": "", "port": 80}}, "startupProbe": {"exec": {"command": ["x"]}},
                      "lifecycle": {"stopSignal": "SIGTERM", "preStop": {"tcpSocket": {"host": "db", "port": 1}}, "postStart": {"httpGet": {"host": null}}},
                      "ports": [{"containerPort": 80, "protocol": "UDP"}, {"containerPort": 81, "hostPort": 0}],
                      "volumeMounts": [{"name": "memory", "mountPath": "/m", "readOnly": true, "subPath": "s"},
                        {"name": "token", "mountPath": "/t", "subPathExpr": "$(POD)"}],
                      "volumeDevices": [{"name": "claim", "devicePath": "/dev/xvda"}],
                      "securityContext": {"privileged": false, "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
                        "allowPrivilegeEscalation": true, "readOnlyRootFilesystem": true, "procMount": "Unmasked",
                        "runAsUser": 9223372036854775807, "runAsGroup": 6, "runAsNonRoot": false,
                        "seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"},
                        "appArmorProfile": {"localhostProfile": "typeless"}, "windowsOptions": {"hostProcess": false},
                        "seLinuxOptions": {"level": "s0"}}}]},
                 "metadata": {
                   "namespace": "shop", "name": "web", "uid": "u-1", "deletionTimestamp": "2026-11-20T21:41:06Z",
                   "labels": {"app": "web"},
                   "annotations": {"note": "not kept", "io.kubernetes.cri-o.userns-mode": "auto",
                      "container.apparmor.security.beta.kubernetes.io/main": "localhost/web", "seccomp-profile.crio.io/POD": "x"}},
                 "kind": "Pod"}
                """);

        assertThat(pod)
                .isEqualTo(new DeclaredPod(
                        "shop",
                        "web",
                        "u-1",
                        List.of("u-1"),
                        Map.of("app", "web"),
                        Map.of(
                                "io.kubernetes.cri-o.userns-mode",
                                "auto",
                                "container.apparmor.security.beta.kubernetes.io/main",
                                "localhost/web",
                                "seccomp-profile.crio.io/POD",
                                "x"),
                        "Running",
                        true,
                        "web",
                        Optional.of("gvisor"),
                        Optional.of("shop"),
                        false,
                        false,
                        false,
                        Optional.of(false),
                        false,
                        Optional.of(Duration.ofSeconds(135)),
                        Optional.of("linux"),
                        new PodSecurity(
                                Optional.of(1L),
                                Optional.of(2L),
                                Optional.of(true),
                                Optional.of(3L),
                                List.of(4L),
                                Optional.of("Strict"),
                                Optional.of(new Profile("Unconfined", Optional.empty())),
                                Optional.of(new Profile("Localhost", Optional.of("web"))),
                                Optional.of(new SeLinuxOptions(
                                        Optional.of("u"), Optional.of("r"), Optional.of("t"), Optional.of("s0:c1"))),
                                Map.of("net.ipv4.ip_local_port_range", "1 2"),
                                Optional.of(true)),
                        List.of(
                                new Volume("memory", "emptyDir", Optional.empty(), Optional.of("Memory"), false),
                                new Volume("token", "projected", Optional.empty(), Optional.empty(), true),
                                new Volume("plain", "projected", Optional.empty(), Optional.empty(), false),
                                new Volume("unset", "emptyDir", Optional.empty(), Optional.empty(), false),
                                new Volume("both", "hostPath", Optional.of("/"), Optional.empty(), false),
                                new Volume(
                                        "claim", "persistentVolumeClaim", Optional.empty(), Optional.empty(), false)),
                        List.of(
                                plain("setup", Kind.INIT, "", Optional.empty()),
                                new DeclaredContainer(
                                        "main",
                                        Kind.CONTAINER,
                                        "i",
                                        new ContainerSecurity(
                                                Optional.of(false),
                                                Optional.of(new Capabilities(List.of("NET_ADMIN"), List.of("ALL"))),
                                                Optional.of(true),
                                                Optional.of(true),
                                                Optional.of("Unmasked"),
                                                Optional.of(Long.MAX_VALUE),
                                                Optional.of(6L),
                                                Optional.of(false),
                                                Optional.of(new Profile("Localhost", Optional.of("a.json"))),
                                                Optional.of(new Profile("", Optional.of("typeless"))),
                                                Optional.of(new SeLinuxOptions(
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.of("s0"))),
                                                Optional.of(false)),
                                        List.of(
                                                new VolumeMount("memory", "/m", true, Optional.of("s")),
                                                new VolumeMount("token", "/t", false, Optional.of("$(POD)"))),
                                        List.of("/dev/xvda"),
                                        List.of(
                                                new Port(80, Optional.empty(), "UDP"),
                                                new Port(81, Optional.empty(), "TCP")),
                                        List.of(
                                                new HandlerHost("livenessProbe.httpGet.host", "10.0.0.1"),
                                                new HandlerHost("lifecycle.preStop.tcpSocket.host", "db")),
                                        List.of("nvidia.com/gpu", "shared-gpu"),
                                        "/tmp/log",
                                        Optional.of(new Status(
                                                Optional.of("cri-o://abc"),
                                                "running",
                                                Optional.empty(),
                                                "i",
                                                "i@sha256:1",
                                                3,
                                                Optional.of(new LinuxUser(1000, 3000, List.of(3000L, 50000L)))))),
                                plain(
                                        "debug",
                                        Kind.EPHEMERAL,
                                        "busybox",
                                        Optional.of(new Status(
                                                Optional.empty(),
                                                "waiting",
                                                Optional.of("ErrImagePull"),
                                                "busybox",
                                                "",
                                                0,
                                                Optional.empty()))))));
    }

    @Test
    void unsetIsNotFalse() throws Exception {
        DeclaredPod pod = one("{\"kind\":\"Pod\"," + META
                + ",\"spec\":{\"hostUsers\":null,\"securityContext\":null,\"containers\":[{\"name\":\"a\",\"securityContext\":"
                + "{\"capabilities\":null,\"privileged\":null,\"seccompProfile\":null}}]},\"status\":null}");
        assertThat(pod.hostUsers()).isEmpty();
        assertThat(pod.security().runAsNonRoot()).isEmpty();
        assertThat(pod.phase()).isEmpty();
        ContainerSecurity security = pod.containers().get(0).security();
        assertThat(security.capabilities()).isEmpty();
        assertThat(security.privileged()).isEmpty();
        assertThat(security.seccompProfile()).isEmpty();
        assertThat(pod.containers().get(0).status()).isEmpty();
        assertThat(pod.containers().get(0).terminationMessagePath()).isEqualTo("/dev/termination-log");
    }

    @Test
    void fieldsThatNobodyKnowsYetArePassedOver() throws Exception {
        DeclaredPod pod = one("{\"kind\":\"Pod\",\"novelty\":[[{\"a\":[1,{}]}],null,1e400]," + META
                + ",\"spec\":{\"novelty\":{\"containers\":[1]},\"containers\":[{\"novelty\":3,\"name\":\"a\"}]}}");
        assertThat(pod.containers()).extracting(DeclaredContainer::name).containsExactly("a");
    }

    @Test
    void ofAFieldThatStandsTwiceTheLastCounts() throws Exception {
        DeclaredPod pod = one(
                "{\"kind\":\"Pod\"," + META
                        + ",\"spec\":{\"hostPID\":true,\"hostPID\":false,\"containers\":[{\"name\":\"a\"}],\"containers\":[{\"name\":\"b\"}]}}");
        assertThat(pod.hostPid()).isFalse();
        assertThat(pod.containers()).extracting(DeclaredContainer::name).containsExactly("b");
    }

    @Test
    void readsWhatKubectlPrints() throws Exception {
        PodList list = read(
                "{\"apiVersion\":\"v1\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":"
                        + "{\"name\":\"s\"},\"spec\":{\"hostPID\":\"odd\"}},{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
                        + META
                        + ",\"spec\":{\"nodeName\":\"n1\"}}],\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"\"}}");
        assertThat(list.pods()).extracting(DeclaredPod::name).containsExactly("web");
        assertThat(list.nodeName()).contains("n1");
    }

    @Test
    void podsOfSeveralNodesAreSaid() throws Exception {
        PodList list = read("{\"kind\":\"List\",\"items\":[{" + META + ",\"spec\":{\"nodeName\":\"n1\"}},{"
                + META.replace("u-1", "u-2") + ",\"spec\":{\"nodeName\":\"n2\"}}]}");
        assertThat(list.nodeName()).isEmpty();
        assertThat(list.warnings()).singleElement().asString().contains("pods of 2 nodes");
    }

    @Test
    void theSamePodsInAnotherOrderAreTheSameAnswer() throws Exception {
        List<String> pods = Arrays.asList(
                item("a", "web", "u-1"), item("a", "web", "u-2"), item("a", "www", "u-0"), item("b", "app", "u-3"));
        PodList inOrder = list(pods);
        assertThat(inOrder.pods()).extracting(DeclaredPod::uid).containsExactly("u-1", "u-2", "u-0", "u-3");
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            Collections.shuffle(pods, random);
            assertThat(list(pods)).isEqualTo(inOrder);
        }
    }

    @Test
    void podThatStandsTwiceIsInTheAnswerTwice() throws Exception {
        String pod = item("a", "web", "u-1");
        assertThat(list(List.of(pod, item("a", "app", "u-2"), pod)).pods())
                .extracting(DeclaredPod::name)
                .containsExactly("app", "web", "web");
    }

    private static PodList list(List<String> items) throws KubeletException {
        return read("{\"kind\":\"PodList\",\"items\":[" + String.join(",", items) + "]}");
    }

    private static String item(String namespace, String name, String uid) {
        return "{\"metadata\":{\"namespace\":\"" + namespace + "\",\"name\":\"" + name + "\",\"uid\":\"" + uid
                + "\"},\"spec\":{\"nodeName\":\"n1\"}}";
    }

    private static DeclaredContainer plain(String name, Kind kind, String image, Optional<Status> status) {
        return new DeclaredContainer(
                name,
                kind,
                image,
                new ContainerSecurity(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                "/dev/termination-log",
                status);
    }

    static PodListReader reader() {
        return new PodListReader(JsonCursor.factory());
    }

    private static PodList captured() throws IOException, KubeletException {
        return reader().read(Files.newInputStream(CapturedNode.kubernetes().resolve("kubelet-pods.json")), "captured");
    }

    private static DeclaredPod pod(List<DeclaredPod> pods, String name) {
        return pods.stream().filter(pod -> pod.name().equals(name)).findFirst().orElseThrow();
    }

    static PodList read(String json) throws KubeletException {
        return reader().read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "here");
    }

    private static DeclaredPod one(String json) throws KubeletException {
        List<DeclaredPod> pods = read(json).pods();
        assertThat(pods).hasSize(1);
        return pods.get(0);
    }
}
