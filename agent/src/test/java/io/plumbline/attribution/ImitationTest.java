package io.plumbline.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.Attribution.OfContainer;
import io.plumbline.model.Attribution.OfHost;
import io.plumbline.model.Attribution.Reason;
import io.plumbline.model.Attribution.Unattributed;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may make cgroups may call them as he likes. None of that makes a process a pod's. */
class ImitationTest {

    private static final String PODS = """
        metadata: {name: web}
        ---
        metadata: {name: other}
        """;
    private static final String WEB =
            "/kubepods/burstable/pod" + Pods.uid("web") + "/" + Pods.containerId("web", "main");
    private static final String OTHER = "/pod" + Pods.uid("other") + "/" + Pods.containerId("other", "main");
    private static final String DOCKER = "/docker/7232fa5b7fe3f027d56d3feba41858ad7e5841fa3432d4b5b9f98c0186b6abbb";
    private static final String USER = "/user.slice/user-1000.slice/user@1000.service";

    private static Nodes node() {
        return Nodes.node().pods(PODS).with(Processes.of(100, "web", "main"), Processes.of(200, "other", "main"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/kubepods", "/kubepods/burstable", "/kubepods.slice", "/docker/x/kubepods"})
    void cgroupOfAnotherPodBelowAContainersOwnIsTheContainers(String between) {
        Nodes node = node().with(Processes.process(300).cgroup(WEB + between + OTHER));

        assertThat(container(node, 300)).isEqualTo("shop/web (container main)");
        assertThat(container(node, 200)).isEqualTo("shop/other (container main)");
    }

    @Test
    void sameInEveryHierarchyOfCgroupV1() {
        Nodes node = node().with(Processes.process(300)
                .cgroupLines("3:memory:" + WEB + "/kubepods" + OTHER, "1:name=systemd:" + WEB, "0::/"));

        assertThat(container(node, 300)).isEqualTo("shop/web (container main)");
    }

    @Test
    void dockerContainerThatImitatesAPodOfTheNodeIsTheDockerContainer() {
        Nodes node = node().with(Processes.process(300).cgroup(DOCKER + "/kubepods/burstable" + OTHER));

        assertThat(node.attribution(300)).isInstanceOfSatisfying(OfContainer.class, of -> {
            assertThat(of.container().pod()).isEmpty();
            assertThat("/docker/" + of.container().containerId()).isEqualTo(DOCKER);
        });
        assertThat(container(node, 200)).isEqualTo("shop/other (container main)");
    }

    /** The pod has no process any more that would show where it was. */
    @Test
    void dockerContainerThatImitatesAContainerThatHasEndedIsTheDockerContainer() {
        Nodes node = Nodes.node()
                .pods("""
                metadata: {name: other}
                status:
                  phase: Succeeded
                  containerStatuses: [{name: main, containerID: "containerd://%s", state: {terminated: {exitCode: 0}}}]
                """.formatted(Pods.containerId("other", "main")))
                .with(Processes.process(300).cgroup(DOCKER + "/kubepods/burstable" + OTHER));

        assertThat(container(node, 300)).startsWith("container 7232");
    }

    @Test
    void dockerContainerThatMakesAPodThatTheKubeletDoesNotKnowIsTheDockerContainer() {
        Nodes node = node().with(Processes.process(300)
                .cgroup(DOCKER + "/kubepods/burstable/pod" + Pods.uid("stranger") + "/" + Pods.containerId("x", "y")));

        assertThat(container(node, 300)).startsWith("container 7232");
    }

    /** Without a kubelet the runtime's own word places a container, also below another one's cgroup. */
    @Test
    void containerIsWhereItsBundleSays() {
        String path = DOCKER + "/kubepods/burstable" + OTHER;
        Nodes node = Nodes.node()
                .bundles(Bundles.of("other", "main").cgroup(path).bundle())
                .with(
                        Processes.process(300).cgroup(path + "/init.scope"),
                        Processes.process(301).cgroup(DOCKER));

        assertThat(container(node, 300)).isEqualTo("shop/other (container main)");
        assertThat(container(node, 301)).startsWith("container 7232");
    }

    @Test
    void twoNodesInContainersThatNameTheSamePodAreAConflict() {
        String another = DOCKER.replace("7232", "ffff");
        Nodes node = Nodes.node()
                .pods(PODS)
                .with(
                        Processes.process(300).cgroup(DOCKER + "/kubepods/burstable" + OTHER),
                        Processes.process(301).cgroup(another + "/kubepods/burstable" + OTHER));

        assertThat(reason(node, 300)).isEqualTo(Reason.CONFLICT);
        assertThat(reason(node, 301)).isEqualTo(Reason.CONFLICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/kubepods", "/kubepods/burstable", "/app.slice/kubepods.slice"})
    void cgroupThatAUserMadeInHisSliceIsAConflict(String between) {
        Nodes node = node().with(Processes.process(300).cgroup(USER + between + OTHER));

        assertThat(reason(node, 300)).isEqualTo(Reason.CONFLICT);
        assertThat(container(node, 200)).isEqualTo("shop/other (container main)");
    }

    /** Without a word of pods in the path, and shorter than the real one: the id alone proves nothing. */
    @ParameterizedTest
    @ValueSource(strings = {USER, "/system.slice/some.service", "/user.slice"})
    void cgroupWithTheIdOfAPodsContainerIsNotThePods(String directory) {
        String id = Pods.containerId("other", "main");
        Nodes node = node().bundles(Bundles.of("other", "main").bundle())
                .with(Processes.process(300).cgroup(directory + "/" + id));

        assertThat(node.attribution(300))
                .isNotEqualTo(node.attribution(200))
                .satisfies(attribution -> assertThat(pod(attribution)).isEmpty());
        assertThat(container(node, 200)).isEqualTo("shop/other (container main)");
    }

    @Test
    void sameWithoutAKubelet() {
        String id = Pods.containerId("other", "main");
        Nodes node = Nodes.node()
                .bundles(Bundles.of("other", "main").bundle())
                .with(
                        Processes.of(200, "other", "main"),
                        Processes.process(300).cgroup(USER + "/" + id),
                        Processes.process(301).cgroup(USER + "/kubepods" + OTHER));

        assertThat(container(node, 200)).isEqualTo("shop/other (container main)");
        assertThat(reason(node, 300)).isEqualTo(Reason.CONFLICT);
        assertThat(reason(node, 301)).isEqualTo(Reason.CONFLICT);
    }

    @Test
    void controllersOfV1ThatNameDifferentPodsAreAContradiction() {
        Nodes node = node().with(Processes.process(300)
                .cgroupLines("3:memory:" + WEB, "2:cpu,cpuacct:/kubepods/burstable" + OTHER, "1:name=systemd:" + WEB));

        assertThat(reason(node, 300)).isEqualTo(Reason.CONTRADICTION);
    }

    @Test
    void controllersOfV1ThatNameDifferentContainersOfOnePodAreAContradiction() {
        String sandbox = "/kubepods/burstable/pod" + Pods.uid("web") + "/" + Pods.containerId("web", "sandbox");
        Nodes node = node().with(Processes.process(300).cgroupLines("3:memory:" + WEB, "1:name=systemd:" + sandbox));

        assertThat(reason(node, 300)).isEqualTo(Reason.CONTRADICTION);
    }

    @Test
    void controllersOfV1ThatNameNoPodDoNotCount() {
        Nodes node = node().with(Processes.process(300)
                .cgroupLines("5:devices:/system.slice/docker.service", "3:memory:" + WEB, "1:name=systemd:/", "0::/"));

        assertThat(container(node, 300)).isEqualTo("shop/web (container main)");
    }

    @Test
    void containerOfAnotherPodInThisPodsCgroupIsAConflict() {
        Nodes node = node().with(Processes.process(300)
                .cgroup("/kubepods/burstable/pod" + Pods.uid("web") + "/" + Pods.containerId("other", "main")));

        assertThat(reason(node, 300)).isEqualTo(Reason.CONFLICT);
    }

    /** {@code kubernetes.io/config.hash} is an annotation: whoever makes a pod may write another pod's UID there. */
    @Test
    void annotationWithTheUidOfAnotherPodDoesNotMoveThatPodsProcesses() {
        String hash = "5f3c9d1e7ab24c60988f0d1e2c3b4a59";
        Nodes node = Nodes.node()
                .pods("""
                    metadata: {name: static, uid: %1$s}
                    ---
                    metadata:
                      name: thief
                      annotations: {kubernetes.io/config.source: file, kubernetes.io/config.hash: %1$s}
                    """.formatted(hash))
                .with(Processes.process(300)
                        .cgroup("/kubepods/burstable/pod" + hash + "/" + Pods.containerId("static", "main")));

        assertThat(container(node, 300)).isEqualTo("shop/static (container main)");
    }

    @Test
    void cgroupOfAHashThatTwoPodsClaimIsNobodys() {
        String hash = "5f3c9d1e7ab24c60988f0d1e2c3b4a59";
        String annotations =
                "annotations: {kubernetes.io/config.source: file, kubernetes.io/config.hash: " + hash + "}";
        Nodes node = Nodes.node()
                .pods("metadata: {name: mirror, " + annotations + "}\n---\nmetadata: {name: thief, " + annotations
                        + "}")
                .with(Processes.process(300).cgroup("/kubepods/pod" + hash + "/" + Pods.containerId("mirror", "main")));

        assertThat(reason(node, 300)).isEqualTo(Reason.UNKNOWN_POD);
    }

    /** Bundles below a user's own directories say what the user likes. */
    @Test
    void bundleThatAUserWroteDoesNotClaimThePlaceOfAService() {
        Nodes node = node().bundles(Bundles.of(Pods.containerId("other", "main"))
                        .source("/run/user/1000/containers/overlay-containers/x/userdata/config.json")
                        .personal()
                        .cgroup("/system.slice/some.service")
                        .bundle())
                .with(Processes.ofHost(300));

        assertThat(node.attribution(300)).isEqualTo(new OfHost(HostKind.PROCESS));
    }

    /** {@code mountinfo} can be forged by a workload that may mount: it is not even looked at. */
    @Test
    void forgedMountTableChangesNothing() {
        Nodes node = node().with(Processes.process(300)
                .cgroup(WEB)
                .mounts(io.plumbline.Mounts.ofContainer()
                        .with("500 396 0:26 /kubepods" + OTHER + " /sys/fs/cgroup rw - cgroup2 cgroup rw")));

        assertThat(container(node, 300)).isEqualTo("shop/web (container main)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kubepods/burstable/pod../../etc",
                "/kubepods/burstable/pod%s\n/x",
                "/kubepods/burstable/pod\u001b[2J/x",
                "/kubepods//",
                "/kubepods/burstable/pod/",
                "//"
            })
    void nonsenseIsNobodysPod(String path) {
        Nodes node = node().with(Processes.process(300).cgroup(path));

        assertThat(pod(node.attribution(300))).isEmpty();
    }

    private static String container(Nodes node, int pid) {
        Attribution attribution = node.attribution(pid);
        return attribution instanceof OfContainer of ? of.container().words() : attribution.toString();
    }

    private static String pod(Attribution attribution) {
        return Stream.of(attribution)
                .filter(OfContainer.class::isInstance)
                .map(of -> ((OfContainer) of).container().pod())
                .findFirst()
                .orElse("");
    }

    private static Reason reason(Nodes node, int pid) {
        assertThat(node.attribution(pid)).isInstanceOf(Unattributed.class);
        return ((Unattributed) node.attribution(pid)).reason();
    }
}
