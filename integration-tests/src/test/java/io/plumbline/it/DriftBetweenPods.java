package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;

/** Processes that are not where they belong: in the host's namespaces, in a pod's, in another pod's cgroup. */
final class DriftBetweenPods {
    private DriftBetweenPods() {}

    static List<Scenario> scenarios() {
        return List.of(
                new Scenario(
                        "processes that entered the host's namespaces",
                        "escaped",
                        "main",
                        (node, pod, c) -> List.of(
                                escaped(node, pod, c, "pid", "host-pid", "high"),
                                escaped(node, pod, c, "ipc", "host-ipc", "high"),
                                escaped(node, pod, c, "net", "host-network", "high"),
                                escaped(node, pod, c, "uts", "host-uts", "high"),
                                escaped(node, pod, c, "mnt", "host-mount", "critical"))),
                new Scenario("host processes inside a container's namespaces", "invaded", "main", (node, pod, c) -> {
                    long inMounts = node.place().inNamespacesOf(c, "mnt").sleep();
                    long inPids = node.place().inNamespacesOf(c, "pid").sleep();
                    long inNetwork = node.place().inNamespacesOf(c, "net").sleep();
                    return List.of(Expected.of(pod, c, "intruder", "high")
                            .by(inMounts, inPids, inNetwork)
                            .shownBy("/ns/mnt", c.process().namespace("mnt")));
                }),
                new Scenario("a process in another pod's network", "neighbour-a", "main", (node, pod, c) -> {
                    Running.Container other = node.byName().get("neighbour-b").main();
                    long pid = node.place()
                            .inCgroupOf(c)
                            .inNamespacesExcept(c, "net")
                            .inNamespacesOf(other, "net")
                            .withRightsOf(c)
                            .sleep();
                    return List.of(Expected.of(pod, c, "foreign-namespace", "critical")
                            .by(pid)
                            .afterStart()
                            .shownBy("/ns/net", other.process().namespace("net")));
                }),
                new Scenario("a cgroup that imitates another pod's", "imitator", "main", (node, pod, c) -> {
                    Running imitated = node.byName().get("imitated");
                    String cgroup = c.cgroup()
                            + imitated.pod().cgroupPath(imitated.main().id());
                    node.makeCgroup(cgroup);
                    long pid = node.place()
                            .inCgroup(cgroup)
                            .inNamespacesExcept(c)
                            .withRightsOf(c)
                            .withUid(0)
                            .sleep();
                    return List.of(Expected.of(pod, c, "root-user", "high")
                            .by(pid)
                            .afterStart()
                            .shownBy("/status", "Uid:\t0\t0\t0\t0"));
                }),
                new Scenario(
                        "a cgroup outside of the kubelet's that imitates a pod's",
                        "imitated",
                        "main",
                        (node, pod, c) -> {
                            // What a container of another runtime may make below its own cgroup.
                            String cgroup =
                                    "/docker/" + Node.newId() + pod.pod().cgroupPath(c.id());
                            node.makeCgroup(cgroup);
                            node.place().inCgroup(cgroup).sleep();
                            return List.of();
                        }),
                new Scenario("a port of the host that is not declared", "listener", "main", (node, pod, c) -> {
                    String declared = pod.pod()
                            .spec()
                            .at("/containers/0/ports/0/containerPort")
                            .asText();
                    node.exec(c, 0, "/bin/nc", "-l", "-p", declared);
                    long pid = node.exec(c, 0, "/bin/nc", "-l", "-p", Integer.toString(freePort()));
                    return List.of(Expected.of(pod, c, "host-port", "low").by(pid));
                }));
    }

    /** A TCP port that nobody listens on. */
    static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Expected escaped(
            Node node, Running pod, Running.Container container, String namespace, String check, String severity) {
        long pid = node.place()
                .inCgroupOf(container)
                .inNamespacesExcept(container, namespace)
                .withRightsOf(container)
                .sleep();
        return Expected.of(pod, container, check, severity)
                .by(pid)
                .afterStart()
                .shownBy("/ns/" + namespace, new Proc(pid).namespace(namespace));
    }
}
