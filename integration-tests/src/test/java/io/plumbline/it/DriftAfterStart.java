package io.plumbline.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Drift that comes into containers which started as declared: by exec, by hand from the host, from the inside. */
final class DriftAfterStart {
    /** One container for each kind of drift, so that each finding has its own place. */
    private static final String DRIFTING = """
            metadata: {name: drifting, namespace: shop}
            spec:
              containers:
              - {name: nonroot, securityContext: {runAsNonRoot: true, runAsUser: 1000}}
              - {name: nonroot-thread, securityContext: {runAsNonRoot: true, runAsUser: 1000}}
              - {name: readonly, securityContext: {readOnlyRootFilesystem: true}}
              - {name: capable}
              - {name: promised, securityContext: {allowPrivilegeEscalation: false}}
              - {name: promised-thread, securityContext: {allowPrivilegeEscalation: false}}
              - {name: filtered, securityContext: {seccompProfile: {type: RuntimeDefault}}}
              - {name: written}
              - {name: remembered}
              - {name: deleted}
              - {name: replaced}
              - {name: tmpfs}
              - {name: hosts-program}
              - {name: anothers-program}
              - {name: own-root, securityContext: {appArmorProfile: {type: Unconfined}}}
              - {name: unmasked}
              - {name: overmounted}
              - {name: seen-elsewhere}
              - {name: readonly-hidden, securityContext: {readOnlyRootFilesystem: true}}
              - {name: mounted}
              - {name: replaced-hosts}
              - {name: volume-covered, volumeMounts: [{name: etc, mountPath: /host-etc}]}
              - {name: debugging}
              - {name: volume-written, volumeMounts: [{name: etc, mountPath: /host-etc, readOnly: true}]}
              - {name: sys-written}
              - {name: leaked}
              - {name: nested}
              volumes: [{name: etc, hostPath: {path: /etc}}]
            """;

    private DriftAfterStart() {}

    static List<Settings.Setting> pods() {
        return Stream.of(
                        Pod.of(DRIFTING),
                        alone("escaped").in(CgroupShape.SYSTEMD),
                        alone("invaded"),
                        alone("neighbour-a").in(CgroupShape.SYSTEMD),
                        alone("neighbour-b"),
                        Pod.withContainer("imitator", "{runAsNonRoot: true, runAsUser: 1000}"),
                        alone("imitated"),
                        Pod.of("""
                                metadata: {name: listener}
                                spec: {hostNetwork: true, containers: [{name: main, ports: [{containerPort: %d}]}]}
                                """.formatted(DriftBetweenPods.freePort())))
                .map(pod -> new Settings.Setting("before the drift: " + pod.name(), pod))
                .toList();
    }

    static List<Scenario> scenarios() {
        return List.of(
                drifting("root by exec into a container that promised none", "nonroot", (node, pod, container) -> {
                    long pid = node.exec(container, 0, "/bin/sleep", Marker.next());
                    return List.of(Expected.of(pod, container, "root-user", "high")
                            .by(pid)
                            .afterStart()
                            .shownBy("/status", "Uid:\t0\t0\t0\t0"));
                }),
                drifting(
                        "trap 22: root in a process whose first thread has ended", "nonroot-thread", (node, pod, c) -> {
                            long pid = inside(node, c).withUid(0).run("/bin/workload", "leader-ended");
                            return List.of(Expected.of(pod, c, "root-user", "high")
                                    .by(pid)
                                    .afterStart());
                        }),
                drifting("a read-only root mounted writable again", "readonly", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mount", "-o", "remount,bind,rw", "/");
                    return List.of(Expected.of(pod, container, "root-filesystem", "high")
                            .by(container.pid())
                            .afterStart()
                            .shownBy("/mountinfo", " / / rw,"));
                }),
                drifting("capabilities that the container has not", "capable", (node, pod, container) -> {
                    long pid = node.place()
                            .inCgroupOf(container)
                            .inNamespacesExcept(container)
                            .withIdentityOf(container)
                            .withCapabilities(Capabilities.mask(List.of("CAP_CHOWN", "CAP_SYS_TIME", "CAP_SYS_ADMIN")))
                            .sleep();
                    return List.of(Expected.of(pod, container, "capabilities", "critical")
                            .by(pid)
                            .afterStart()
                            .shownBy("/status", "CapBnd:\t0000000002200001"));
                }),
                drifting("no_new_privs promised, a process without it", "promised", (node, pod, container) -> {
                    long pid = node.place()
                            .inCgroupOf(container)
                            .inNamespacesExcept(container)
                            .withIdentityOf(container)
                            .sleep();
                    return List.of(Expected.of(pod, container, "no-new-privileges", "high")
                            .by(pid)
                            .afterStart()
                            .shownBy("/status", "NoNewPrivs:\t0"));
                }),
                drifting("trap 22: no_new_privs promised, a thread without it", "promised-thread", (node, pod, c) -> {
                    long pid = node.place()
                            .inCgroupOf(c)
                            .inNamespacesExcept(c)
                            .withIdentityOf(c)
                            .run("/bin/workload", "thread-before-promise");
                    return List.of(Expected.of(pod, c, "no-new-privileges", "high")
                            .by(pid)
                            .afterStart()
                            .shownBy("/status", "NoNewPrivs:\t0"));
                }),
                drifting("a filter declared, a process without one", "filtered", (node, pod, container) -> {
                    long pid = inside(node, container).sleep();
                    return List.of(Expected.of(pod, container, "seccomp", "high")
                            .by(pid)
                            .afterStart()
                            .shownBy("/status", "Seccomp:\t0"));
                }),
                drifting("a program written into the container", "written", (node, pod, container) -> {
                    String marker = Marker.next();
                    long pid = node.exec(
                            container, 0, "/bin/sh", "-c", "cp /bin/busybox /tmp/sleep; exec /tmp/sleep " + marker);
                    return executable(pod, container, pid, "/tmp/sleep");
                }),
                drifting("a program of the image replaced", "replaced", (node, pod, container) -> {
                    String marker = Marker.next();
                    long pid = node.exec(
                            container,
                            0,
                            "/bin/sh",
                            "-c",
                            "cp /bin/workload /tmp/new; cp /tmp/new /bin/workload; exec /bin/workload wait " + marker);
                    return executable(pod, container, pid, "/bin/workload");
                }),
                drifting("a program that is only in memory", "remembered", (node, pod, container) -> {
                    long pid = node.exec(container, 0, "/bin/workload", "memfd", Marker.next());
                    return executable(pod, container, pid, "/memfd:unseen (deleted)");
                }),
                drifting("a program that was deleted", "deleted", (node, pod, container) -> {
                    String marker = Marker.next();
                    long pid = node.exec(
                            container,
                            0,
                            "/bin/sh",
                            "-c",
                            "cp /bin/busybox /tmp/sleep; (/bin/sleep 1; rm /tmp/sleep) & exec /tmp/sleep " + marker);
                    return executable(pod, container, pid, "/tmp/sleep (deleted)");
                }),
                drifting("a program on a file system that nobody declared", "tmpfs", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mount", "-t", "tmpfs", "tmpfs", "/run");
                    String marker = Marker.next();
                    long pid = node.exec(
                            container, 0, "/bin/sh", "-c", "cp /bin/busybox /run/sleep; exec /run/sleep " + marker);
                    return executable(pod, container, pid, "/run/sleep");
                }),
                drifting("a program of the node, by a descriptor", "hosts-program", (node, pod, container) -> {
                    long pid = inside(node, container)
                            .keeping(node.workload())
                            .run("/proc/self/fd/100", "wait", Marker.next());
                    return executable(pod, container, pid, node.workload().toString());
                }),
                drifting("a program of another pod, by a descriptor", "anothers-program", (node, pod, container) -> {
                    Running.Container other = node.byName().get("neighbour-b").main();
                    long pid = inside(node, container)
                            .keeping(other.process().file("root/bin/workload"))
                            .run("/proc/self/fd/100", "wait", Marker.next());
                    return executable(pod, container, pid, "/bin/workload");
                }),
                drifting("a program on a root file system that nobody gave", "own-root", (node, pod, container) -> {
                    String script = "mount -t tmpfs tmpfs /run && mkdir /run/bin && cp /bin/busybox /run/bin/sleep"
                            + " && exec chroot /run /bin/sleep " + Marker.next();
                    long pid = node.exec(container, 0, "/bin/unshare", "-U", "-r", "-m", "/bin/sh", "-c", script);
                    return List.of(
                            Expected.of(pod, container, "executable", "medium")
                                    .by(pid)
                                    .afterStart()
                                    .shownBy("/mountinfo", " / / rw,"),
                            Expected.of(pod, container, "nested-user-namespace", "info")
                                    .by(pid));
                }),
                drifting("a mask of /proc taken away", "unmasked", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "umount", "/proc/keys");
                    return List.of(Expected.of(pod, container, "proc-mask", "high")
                            .by(container.pid())
                            .afterStart());
                }),
                drifting("a new /proc over the one that has the masks", "overmounted", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mount", "-t", "proc", "proc", "/proc");
                    return List.of(Expected.of(pod, container, "proc-mask", "high")
                            .by(container.pid())
                            .afterStart()
                            .shownBy("/mountinfo", " / /proc rw,"));
                }),
                drifting("/proc without its masks at another place", "seen-elsewhere", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mkdir", "/tmp/p");
                    nsenter(container, "/bin/busybox", "mount", "-o", "bind", "/proc", "/tmp/p");
                    return List.of(Expected.of(pod, container, "proc-mask", "high")
                            .by(container.pid())
                            .afterStart()
                            .shownBy("/mountinfo", " / /tmp/p rw,"));
                }),
                drifting("a writable root under a read-only one", "readonly-hidden", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mount", "-o", "remount,bind,rw", "/");
                    nsenter(container, "/bin/busybox", "mount", "-t", "tmpfs", "-o", "ro", "tmpfs", "/");
                    return List.of(Expected.of(pod, container, "root-filesystem", "high")
                            .by(container.pid())
                            .afterStart()
                            .shownBy("/mountinfo", " / / rw,"));
                }),
                drifting("a directory of the host that nobody declared", "mounted", (node, pod, container) -> {
                    attach(node, "/etc", container, "/tmp/host-etc");
                    return mounted(pod, container, " /etc /tmp/host-etc ");
                }),
                drifting("a file of the host over the runtime's own", "replaced-hosts", (node, pod, container) -> {
                    attach(node, "/etc/passwd", container, "/etc/hostname");
                    return mounted(pod, container, " /etc/passwd /etc/hostname ");
                }),
                drifting("another directory of the host over a volume", "volume-covered", (node, pod, container) -> {
                    attach(node, "/usr", container, "/host-etc");
                    return mounted(pod, container, " /usr /host-etc ");
                }),
                drifting("the kernel's debugging files", "debugging", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mkdir", "/tmp/debug");
                    nsenter(container, "/bin/busybox", "mount", "-t", "debugfs", "debugfs", "/tmp/debug");
                    return mounted(pod, container, " / /tmp/debug rw");
                }),
                drifting("a read-only volume mounted writable again", "volume-written", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mount", "-o", "remount,bind,rw", "/host-etc");
                    return mounted(pod, container, " /host-etc rw");
                }),
                drifting("a writable /sys", "sys-written", (node, pod, container) -> {
                    nsenter(container, "/bin/busybox", "mount", "-o", "remount,rw", "/sys");
                    return List.of(Expected.of(pod, container, "proc-mask", "high")
                            .by(container.pid())
                            .afterStart()
                            .shownBy("/mountinfo", " / /sys rw"));
                }),
                drifting("a working directory on the host by a leaked descriptor", "leaked", (node, pod, container) -> {
                    long pid = inside(node, container)
                            .keeping(Path.of("/etc"))
                            .run("/bin/sh", "-c", "cd /proc/self/fd/100 && exec /bin/sleep " + Marker.next());
                    return List.of(Expected.of(pod, container, "host-mount", "critical")
                            .by(pid)
                            .afterStart()
                            .shownBy("/cwd", "/etc"));
                }),
                drifting("trap 2: a user namespace of its own is no capability", "nested", (node, pod, container) -> {
                    long pid = node.exec(container, 0, "/bin/unshare", "-U", "/bin/sleep", Marker.next());
                    return List.of(Expected.of(pod, container, "nested-user-namespace", "info")
                            .by(pid));
                }));
    }

    private static List<Expected> executable(Running pod, Running.Container container, long pid, String program) {
        return List.of(Expected.of(pod, container, "executable", "medium")
                .by(pid)
                .afterStart()
                .shownBy("/exe", program));
    }

    private static void attach(Node node, String source, Running.Container container, String target) {
        Command.succeed(
                node.workload().toString(),
                "attach",
                source,
                container.process().file("ns/mnt").toString(),
                target);
    }

    private static List<Expected> mounted(Running pod, Running.Container container, String mount) {
        return List.of(Expected.of(pod, container, "undeclared-mount", "high")
                .by(container.pid())
                .afterStart()
                .shownBy("/mountinfo", mount));
    }

    private static Pod alone(String name) {
        return Pod.withContainer(name, "{}");
    }

    private static Scenario drifting(String title, String container, Scenario.Injection injection) {
        return new Scenario(title, "drifting", container, injection);
    }

    /** A process like the container's own, but for what comes after. */
    static Placed inside(Node node, Running.Container container) {
        return node.place().inCgroupOf(container).inNamespacesExcept(container).withRightsOf(container);
    }

    static void nsenter(Running.Container container, String... program) {
        var command = new ArrayList<>(
                List.of("nsenter", "--target", Long.toString(container.pid()), "--mount", "--pid", "--"));
        command.addAll(List.of(program));
        Command.succeed(command);
    }
}
