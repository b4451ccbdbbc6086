package io.plumbline.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A process put where it does not belong: into a container's cgroup, into some namespaces, with some privileges.
 * Whatever is not asked for stays as the host has it. Ends with the node.
 */
final class Placed {
    private final Path workload;
    private final CgroupTree cgroups;
    private final Undo undo;
    private final List<String> options = new ArrayList<>();

    Placed(Path workload, CgroupTree cgroups, Undo undo) {
        this.workload = workload;
        this.cgroups = cgroups;
        this.undo = undo;
    }

    Placed inCgroup(String path) {
        List<Path> files = cgroups.procsFiles(path);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no such cgroup: " + path);
        }
        files.forEach(file -> options.addAll(List.of("--procs", file.toString())));
        return this;
    }

    Placed inCgroupOf(Running.Container container) {
        return inCgroup(container.cgroup());
    }

    /** Namespaces as {@code /proc/<pid>/ns} names them. */
    Placed inNamespacesOf(Running.Container container, String... types) {
        for (String type : types) {
            options.addAll(
                    List.of("--ns", container.process().file("ns/" + type).toString()));
        }
        return this;
    }

    /** All the namespaces that a container has of its own or of its pod, but for these. */
    Placed inNamespacesExcept(Running.Container container, String... types) {
        for (String type : List.of("ipc", "uts", "net", "cgroup", "pid", "mnt")) {
            if (!List.of(types).contains(type)) {
                inNamespacesOf(container, type);
            }
        }
        return this;
    }

    /** The ids, groups, capabilities, AppArmor profile and no_new_privs of the container's first process. */
    Placed withRightsOf(Running.Container container) {
        withIdentityOf(container);
        if (container.process().status("NoNewPrivs").equals("1")) {
            options.add("--no-new-privs");
        }
        return this;
    }

    /** The same without no_new_privs. */
    Placed withIdentityOf(Running.Container container) {
        container.process().appArmorProfile().ifPresent(profile -> options.addAll(List.of("--profile", profile)));
        return withIdsOf(container).withCapabilities(container.process().status("CapBnd"));
    }

    Placed withIdsOf(Running.Container container) {
        Proc process = container.process();
        String groups = process.groups().stream().map(String::valueOf).collect(Collectors.joining(","));
        options.addAll(List.of("--groups", groups.isEmpty() ? "-" : groups));
        options.addAll(List.of("--gid", process.ids("Gid").get(0).toString()));
        options.addAll(List.of("--uid", process.ids("Uid").get(0).toString()));
        return this;
    }

    Placed withUid(long uid) {
        options.addAll(List.of("--uid", Long.toString(uid)));
        return this;
    }

    /** As a mask in hexadecimal digits. */
    Placed withCapabilities(String mask) {
        options.addAll(List.of("--bounding", mask));
        return this;
    }

    /** As a mask in hexadecimal digits: what it keeps although it is not root's. */
    Placed withAmbient(String mask) {
        options.addAll(List.of("--ambient", mask));
        return this;
    }

    /** A file that the program finds open, as descriptor 100. */
    Placed keeping(Path file) {
        options.addAll(List.of("--keep", file.toString()));
        return this;
    }

    /** Starts it and waits until it has become the program. Returns its pid. */
    long run(String... program) {
        var command = new ArrayList<>(List.of(workload.toString(), "enter"));
        command.addAll(options);
        command.add("--");
        command.addAll(List.of(program));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            undo.add("placed process " + String.join(" ", program), () -> end(process));
            var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String pid = output.readLine();
            if (pid == null) {
                String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                throw new AssertionError(command + "\n" + errors);
            }
            var placed = new Proc(Long.parseLong(pid));
            String before = workload + " enter";
            Awaitility.await("pid " + pid + " becomes " + command)
                    .atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> !process.isAlive() || !placed.commandLine().startsWith(before));
            if (!process.isAlive()) {
                String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                throw new AssertionError(command + "\n" + errors);
            }
            return placed.pid();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, and does not wait for anything: when its program began, and what ends it. */
    Drift drift(String... program) {
        var command = new ArrayList<>(List.of(workload.toString(), "enter", "--tell-time"));
        command.addAll(options);
        command.add("--");
        command.addAll(List.of(program));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            undo.add("drift " + String.join(" ", program), () -> end(process));
            var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            // Of two processes, in either order.
            List<String> lines = List.of(String.valueOf(output.readLine()), String.valueOf(output.readLine()));
            return new Drift(process, time(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long time(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("exec "))
                .map(line -> Long.parseLong(line.substring("exec ".length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("a placed process did not come as far as its program: " + lines));
    }

    /**
     * A process out of true.
     *
     * @param execNanos CLOCK_MONOTONIC when its program began, which is also the clock of {@link System#nanoTime}
     */
    record Drift(Process process, long execNanos) {
        void end() throws InterruptedException {
            Placed.end(process);
        }
    }

    /** Runs {@code sleep} of the image, or of the host where the mount namespace is the host's. */
    long sleep() {
        return run("/bin/sleep", Marker.next());
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
