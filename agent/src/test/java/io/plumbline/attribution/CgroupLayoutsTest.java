package io.plumbline.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.Attribution.OfContainer;
import io.plumbline.model.Attribution.OfHost;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which kubelets and runtimes name the cgroups of containers, in each form in which the kernel shows a path. */
class CgroupLayoutsTest {

    private static final String UID = "7fde1c2a-91a3-4b1c-9c0f-5a1d6ce2b1aa";
    private static final String SLICE = "pod7fde1c2a_91a3_4b1c_9c0f_5a1d6ce2b1aa.slice";
    private static final String HASH = "5f3c9d1e7ab24c60988f0d1e2c3b4a59";
    private static final String ID = "4e40360f0e079d876dcd96e61242fdc5f753f6b03308acce1a26882f4d731010";
    private static final String OUTER = "7232fa5b7fe3f027d56d3feba41858ad7e5841fa3432d4b5b9f98c0186b6abbb";

    private static final List<String> CONTROLLERS = List.of(
            "11:hugetlb:", "9:net_cls,net_prio:", "5:devices:", "3:memory:", "2:cpu,cpuacct:", "1:name=systemd:");

    /** How the kernel shows one path. */
    private enum Hierarchies {
        V2 {
            @Override
            String[] lines(String path) {
                return new String[] {"0::" + path};
            }
        },
        V1 {
            @Override
            String[] lines(String path) {
                return CONTROLLERS.stream().map(line -> line + path).toArray(String[]::new);
            }
        },
        /** As on a hybrid node, and under runtimes that do not use the second hierarchy. */
        V1_BESIDE_AN_UNUSED_V2 {
            @Override
            String[] lines(String path) {
                return Stream.concat(Arrays.stream(V1.lines(path)), Stream.of("0::/"))
                        .toArray(String[]::new);
            }
        };

        abstract String[] lines(String path);
    }

    static Stream<Arguments> containers() {
        return across(Stream.of(
                layout("cgroupfs, burstable", "/kubepods/burstable/pod" + UID + "/" + ID),
                layout("cgroupfs, best effort", "/kubepods/besteffort/pod" + UID + "/" + ID),
                layout("cgroupfs, guaranteed has no level of its own", "/kubepods/pod" + UID + "/" + ID),
                layout(
                        "systemd, burstable, containerd",
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + SLICE + "/cri-containerd-" + ID
                                + ".scope"),
                layout(
                        "systemd, best effort, docker",
                        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" + SLICE + "/docker-" + ID
                                + ".scope"),
                layout(
                        "systemd, guaranteed has no level of its own",
                        "/kubepods.slice/kubepods-" + SLICE + "/cri-containerd-" + ID + ".scope"),
                layout(
                        "CRI-O with runc",
                        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" + SLICE + "/crio-" + ID
                                + ".scope"),
                layout(
                        "CRI-O with crun: a leaf below the scope",
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + SLICE + "/crio-" + ID
                                + ".scope/container"),
                layout(
                        "CRI-O with crun: exec has a leaf below that",
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + SLICE + "/crio-" + ID
                                + ".scope/container/exec"),
                layout(
                        "systemd's notation under the cgroupfs driver, one name with colons",
                        "/kubepods-besteffort-" + SLICE + ":cri-containerd:" + ID),
                layout(
                        "the same below the daemon's own service",
                        "/system.slice/containerd.service/kubepods-burstable-" + SLICE + ":cri-containerd:" + ID),
                layout(
                        "kind: the node is a docker container",
                        "/docker/" + OUTER + "/kubepods/besteffort/pod" + UID + "/" + ID),
                layout(
                        "kind, systemd driver",
                        "/docker/" + OUTER + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
                                + "kubelet-kubepods-burstable-" + SLICE + "/cri-containerd-" + ID + ".scope"),
                layout("kubelet with a cgroup root", "/kubelet/kubepods/burstable/pod" + UID + "/" + ID),
                layout(
                        "kubelet with a cgroup root, systemd driver",
                        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-" + SLICE + "/cri-containerd-" + ID
                                + ".scope"),
                layout("static pod: the hash of its manifest", "/kubepods/burstable/pod" + HASH + "/" + ID),
                layout(
                        "static pod, systemd driver",
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + HASH
                                + ".slice/cri-containerd-" + ID + ".scope"),
                layout("a cgroup that the container made", "/kubepods/burstable/pod" + UID + "/" + ID + "/init.scope"),
                layout("from inside: a pod of the same quality of service", "/../../pod" + UID + "/" + ID),
                layout("from inside: a pod of another", "/../../../besteffort/pod" + UID + "/" + ID),
                layout(
                        "from inside, systemd driver",
                        "/../../kubepods-besteffort-" + SLICE + "/cri-containerd-" + ID + ".scope"),
                layout(
                        "from inside, systemd driver, another quality of service",
                        "/../../../kubepods-besteffort.slice/kubepods-besteffort-" + SLICE + "/cri-containerd-" + ID
                                + ".scope"),
                layout("from inside: another container of the own pod", "/../crio-" + ID + ".scope"),
                layout("from inside: another container of the own pod, cgroupfs", "/../" + ID)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("containers")
    void containerIsFound(String layout, Hierarchies hierarchies, String path) {
        Nodes node = node().with(Processes.process(100).cgroupLines(hierarchies.lines(path)));

        assertThat(node.attribution(100)).isInstanceOfSatisfying(OfContainer.class, of -> {
            assertThat(of.container().words()).isEqualTo("shop/web (container main)");
            assertThat(of.container().containerId()).isEqualTo(ID);
        });
    }

    static Stream<Arguments> hosts() {
        return across(Stream.of(
                layout("conmon beside its pod", "/system.slice/crio-conmon-" + ID + ".scope"),
                layout(
                        "conmon in its pod",
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" + SLICE + "/crio-conmon-" + ID
                                + ".scope"),
                layout("a service of the node", "/system.slice/containerd.service"),
                layout("the root of all", "/"),
                layout("a user's session", "/user.slice/user-1000.slice/session-3.scope"),
                layout(
                        "a service that is only called like it",
                        "/system.slice/my-kubepods-exporter.service/pod" + UID + "/main")));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("hosts")
    void processOfTheNodeIsInNoContainer(String layout, Hierarchies hierarchies, String path) {
        Nodes node = node().bundles(Bundles.of(ID)
                        .cgroup("kubepods-burstable-" + SLICE + ":crio:" + ID)
                        .bundle())
                .with(Processes.ofHost(100).program("/usr/bin/conmon").cgroupLines(hierarchies.lines(path)));

        assertThat(node.attribution(100)).isEqualTo(new OfHost(HostKind.SHIM));
    }

    @ParameterizedTest
    @MethodSource("nodesInContainers")
    void whatStandsBeforeTheNodesOwnCgroupIsIgnored(String path, String expected) {
        Nodes node = node().base("/docker/" + OUTER).with(Processes.process(100).cgroup("/docker/" + OUTER + path));

        Attribution attribution = node.attribution(100);

        assertThat(attribution instanceof OfContainer of ? of.container().words() : attribution.toString())
                .isEqualTo(expected);
    }

    static Stream<Arguments> nodesInContainers() {
        return Stream.of(
                Arguments.of("/system.slice/containerd.service", "OfHost[kind=PROCESS]"),
                Arguments.of("/kubepods/burstable/pod" + UID + "/" + ID, "shop/web (container main)"),
                Arguments.of("", "OfHost[kind=PROCESS]"));
    }

    /** {@code 0::/docker/<outer>/system.slice/containerd.service} seen from the machine around the node. */
    @Test
    void serviceOfANodeInDockerIsTheDockerContainers() {
        Nodes node =
                node().with(Processes.process(100).cgroup("/docker/" + OUTER + "/system.slice/containerd.service"));

        assertThat(node.attribution(100)).isInstanceOfSatisfying(OfContainer.class, of -> {
            assertThat(of.container().pod()).isEmpty();
            assertThat(of.container().containerId()).isEqualTo(OUTER);
        });
    }

    /** A reader with a cgroup namespace of its own sees its container's other processes at the root. */
    @Test
    void processBesideTheReaderIsTheReadersContainersAndNotTheNodes() {
        Nodes node = node().base("/../../../..")
                .reader(100)
                .with(
                        Processes.process(100).cgroup("/"),
                        Processes.process(101).cgroup("/"),
                        Processes.ofHost(102).cgroup("/../../../../system.slice/ssh.service"));

        assertThat(node.attribution(100)).isEqualTo(new OfHost(HostKind.AGENT));
        assertThat(node.attribution(101)).isEqualTo(new OfHost(HostKind.AGENT));
        assertThat(node.attribution(102)).isEqualTo(new OfHost(HostKind.PROCESS));
    }

    private static Nodes node() {
        return Nodes.node().pods("""
            metadata:
              name: web
              uid: %s
              annotations: {kubernetes.io/config.source: file, kubernetes.io/config.hash: %s}
            status:
              containerStatuses: [{name: main, containerID: "containerd://%s", state: {running: {}}}]
            """.formatted(UID, HASH, ID));
    }

    private static List<String> layout(String name, String path) {
        return List.of(name, path);
    }

    private static Stream<Arguments> across(Stream<List<String>> layouts) {
        return layouts.flatMap(layout -> Arrays.stream(Hierarchies.values())
                .map(hierarchies -> Arguments.of(layout.get(0), hierarchies, layout.get(1))));
    }
}
