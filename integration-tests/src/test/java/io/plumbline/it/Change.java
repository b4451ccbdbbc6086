package io.plumbline.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A way in which a living process, or what it lives in, stops being what its spec says.
 *
 * @param container where in {@link #PODS} it happens: each has its own, so that each finding has its own place
 * @param check whose finding it must become
 */
record Change(String title, String container, String check, Preparation preparation) {

    /** Everything is as declared; what is prepared waits for its moment. */
    interface Preparation {
        Ready prepare(Node node, Running pod, Running.Container container);
    }

    /**
     * Something that can change at any moment.
     *
     * @param pid which the finding must name; 0 where it is started by the change itself
     * @param change does it, and returns the pid
     * @param undo puts back what outlives the process
     */
    record Ready(long pid, Changing change, Runnable undo) {}

    interface Changing {
        long now() throws IOException;
    }

    private static final String PODS = """
            metadata: {name: %s, namespace: shop}
            spec:
              containers:
              - {name: uid, securityContext: {runAsNonRoot: true, runAsUser: 1000}}
              - {name: thread-uid, securityContext: {runAsNonRoot: true, runAsUser: 1000}}
              - {name: net, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: ipc, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: uts, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: mnt, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: foreign, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: thread-net, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: thread-mnt, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: thread-foreign, securityContext: {capabilities: {add: [SYS_ADMIN]}}}
              - {name: directory}
              - {name: thread-directory}
              - {name: user}
              - {name: program}
              - {name: root, securityContext: {readOnlyRootFilesystem: true, capabilities: {add: [SYS_ADMIN]}}}
              - {name: mounted}
              - {name: unmasked}
              - {name: joined}
              - {name: no-new-privileges, securityContext: {allowPrivilegeEscalation: false}}
              - {name: seccomp, securityContext: {seccompProfile: {type: RuntimeDefault}}}
            """;

    /** CAP_SETUID, which a container has by default. */
    private static final String SETUID = "80";

    static Pod pod(String name) {
        return Pod.of(PODS.formatted(name));
    }

    static List<Change> all() {
        var all = new ArrayList<Change>();
        all.add(self("a process becomes root", "uid", "root-user"));
        all.add(self("a thread becomes root", "thread-uid", "root-user"));
        for (String type : List.of("net", "ipc", "uts", "mnt")) {
            all.add(joinsHosts("a process", "namespace", type, type));
        }
        for (String type : List.of("net", "mnt")) {
            all.add(joinsHosts("a thread", "thread-namespace", type, "thread-" + type));
        }
        all.add(joinsNeighbours("a process", "namespace", "foreign"));
        all.add(joinsNeighbours("a thread", "thread-namespace", "thread-foreign"));
        all.add(new Change(
                "a process goes to a directory of the host by a descriptor",
                "directory",
                "host-mount",
                (node, pod, container) -> joins(node, container, "directory", Path.of("/etc"))));
        all.add(new Change(
                "a thread goes there",
                "thread-directory",
                "host-mount",
                (node, pod, container) -> joins(node, container, "thread-directory", Path.of("/etc"))));
        all.add(new Change(
                "a process makes a user namespace of its own",
                "user",
                "nested-user-namespace",
                (node, pod, container) -> waits(node.place()
                        .inCgroupOf(container)
                        .inNamespacesExcept(container)
                        .withRightsOf(container)
                        .run("/bin/workload", "change", "user-namespace", Marker.next()))));
        all.add(new Change(
                "a process goes on as a program from memory",
                "program",
                "executable",
                (node, pod, container) -> waits(node.place()
                        .inCgroupOf(container)
                        .inNamespacesExcept(container)
                        .withRightsOf(container)
                        .run("/bin/workload", "change", "program", Marker.next()))));
        all.add(new Change(
                "a process mounts its read-only root writable",
                "root",
                "root-filesystem",
                (node, pod, container) -> remounts(node, container)));
        all.add(new Change(
                "a directory of the host is mounted into a container",
                "mounted",
                "undeclared-mount",
                (node, pod, container) -> mounts(node, container)));
        all.add(new Change(
                "a mask of /proc is taken away",
                "unmasked",
                "proc-mask",
                (node, pod, container) -> unmasks(container)));
        all.add(new Change(
                "a process of the host is moved into a container's cgroup",
                "joined",
                "host-mount",
                (node, pod, container) -> moves(node, container)));
        all.add(new Change(
                "a process comes without no_new_privs",
                "no-new-privileges",
                "no-new-privileges",
                (node, pod, container) -> comes(node.place()
                        .inCgroupOf(container)
                        .inNamespacesExcept(container)
                        .withIdentityOf(container))));
        all.add(new Change(
                "a process comes without a filter",
                "seccomp",
                "seccomp",
                (node, pod, container) -> comes(DriftAfterStart.inside(node, container))));
        return all;
    }

    private static Change self(String title, String what, String check) {
        return new Change(
                title,
                what,
                check,
                (node, pod, container) -> waits(node.place()
                        .inCgroupOf(container)
                        .inNamespacesExcept(container)
                        .withIdentityOf(container)
                        .withAmbient(SETUID)
                        .run("/bin/workload", "change", what, Marker.next())));
    }

    private static Change joinsHosts(String who, String what, String type, String container) {
        String check = type.equals("net") ? "host-network" : type.equals("mnt") ? "host-mount" : "host-" + type;
        return new Change(
                who + " joins the host's " + type + " namespace",
                container,
                check,
                // Not through pid 1, which may refuse even root.
                (node, pod, where) -> joins(
                        node, where, what, new Proc(ProcessHandle.current().pid()).file("ns/" + type)));
    }

    private static Change joinsNeighbours(String who, String what, String container) {
        return new Change(
                who + " joins another pod's net namespace",
                container,
                "foreign-namespace",
                (node, pod, where) -> joins(
                        node,
                        where,
                        what,
                        node.byName().get("neighbour").main().process().file("ns/net")));
    }

    private static Ready joins(Node node, Running.Container container, String what, Path kept) {
        return waits(node.place()
                .inCgroupOf(container)
                .inNamespacesExcept(container)
                .withRightsOf(container)
                .keeping(kept)
                .run("/bin/workload", "change", what, Marker.next()));
    }

    /** A process that changes when it is told to. */
    private static Ready waits(long pid) {
        var process = new Proc(pid);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> process.status("Name").equals("changes"));
        return new Ready(
                pid,
                () -> {
                    Command.succeed("kill", "-USR1", Long.toString(pid));
                    Awaitility.await(pid + " changes")
                            .pollInterval(Duration.ofMillis(2))
                            .atMost(Duration.ofSeconds(10))
                            .until(() -> !process.status("Name").equals("changes"));
                    return pid;
                },
                () -> kill(pid));
    }

    private static Ready comes(Placed placed) {
        var pid = new long[1];
        return new Ready(
                0,
                () -> {
                    pid[0] = placed.sleep();
                    new Proc(pid[0]).awaitSettled();
                    return pid[0];
                },
                () -> kill(pid[0]));
    }

    private static Ready remounts(Node node, Running.Container container) {
        Ready process = waits(node.place()
                .inCgroupOf(container)
                .inNamespacesExcept(container)
                .withRightsOf(container)
                .run("/bin/workload", "change", "root", Marker.next()));
        return new Ready(
                container.pid(),
                () -> {
                    process.change().now();
                    return container.pid();
                },
                () -> {
                    process.undo().run();
                    DriftAfterStart.nsenter(container, "/bin/busybox", "mount", "-o", "remount,bind,ro", "/");
                });
    }

    private static Ready mounts(Node node, Running.Container container) {
        return new Ready(
                container.pid(),
                () -> {
                    Command.succeed(
                            node.workload().toString(),
                            "attach",
                            "/etc",
                            container.process().file("ns/mnt").toString(),
                            "/tmp/host-etc");
                    return container.pid();
                },
                () -> DriftAfterStart.nsenter(container, "/bin/busybox", "umount", "/tmp/host-etc"));
    }

    private static Ready unmasks(Running.Container container) {
        return new Ready(
                container.pid(),
                () -> {
                    DriftAfterStart.nsenter(container, "/bin/busybox", "umount", "/proc/keys");
                    return container.pid();
                },
                () -> DriftAfterStart.nsenter(
                        container, "/bin/busybox", "mount", "-o", "bind", "/dev/null", "/proc/keys"));
    }

    private static Ready moves(Node node, Running.Container container) {
        long pid = node.place().run("/bin/sleep", Marker.next());
        return new Ready(
                pid,
                () -> {
                    for (Path file : CgroupTree.ofThisMachine().procsFiles(container.cgroup())) {
                        Files.writeString(file, Long.toString(pid), StandardOpenOption.WRITE);
                    }
                    return pid;
                },
                () -> kill(pid));
    }

    private static void kill(long pid) {
        if (pid == 0) {
            return;
        }
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Awaitility.await("end of " + pid)
                .atMost(Duration.ofSeconds(10))
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }
}
