package io.plumbline.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** A Kubernetes node without a cluster: real containers of declared pods, and what a kubelet would say of them. */
final class Node implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Undo undo;
    private final Scratch scratch;
    private final CgroupTree cgroups;
    private final Volumes volumes;
    private final ContainerRuntime runtime;
    private final Path workload;
    private final CriConfig.Defaults defaults;
    private final List<Running> pods = new ArrayList<>();
    private final List<Running.Container> started = new ArrayList<>();

    private Node(Undo undo, Scratch scratch, CgroupTree cgroups, ContainerRuntime runtime, Path workload) {
        this.undo = undo;
        this.scratch = scratch;
        this.cgroups = cgroups;
        this.volumes = new Volumes(scratch.hostRoot().resolve("var/lib/kubelet"), undo);
        this.runtime = runtime;
        this.workload = workload;
        this.defaults = new CriConfig.Defaults(cgroups.unified(), AppArmor.defaultProfile(scratch.directory(), undo));
    }

    /** A node whose containers are started by {@code runc}, {@code crun}, or {@code containerd}. */
    static Node with(String runtimeName) {
        Machine.needsContainers();
        Path program = Machine.needsProgram(runtimeName);
        var undo = new Undo();
        try {
            Scratch scratch = Scratch.make(undo);
            Path workload = Image.workload(scratch.directory());
            Image image = Image.build(scratch.directory().resolve("image"), workload);
            ContainerRuntime runtime = runtimeName.equals("containerd")
                    ? Containerd.start(program, scratch.hostRoot(), scratch.directory(), image, undo)
                    : new OciRuntime(program, scratch.hostRoot(), image.layer(), undo);
            return new Node(undo, scratch, CgroupTree.ofThisMachine(), runtime, workload);
        } catch (RuntimeException | AssertionError e) {
            undo.close();
            throw e;
        }
    }

    /** Starts a pod as it is declared, and lists it. */
    Running run(Pod pod) {
        Running running = runUnlisted(pod, config -> {}, Set.of());
        pods.add(running);
        return running;
    }

    /** Starts a pod whose containers get another configuration than its spec would lead to, and lists it. */
    Running run(Pod pod, Consumer<ObjectNode> otherwise) {
        Running running = runUnlisted(pod, otherwise, Set.of());
        pods.add(running);
        return running;
    }

    /** Starts a pod's sandbox, and lists it: its containers have not come that far. */
    Running runSandboxOnly(Pod pod) {
        var config = config(pod);
        var running = new Running(pod, startSandbox(pod, config), Map.of());
        pods.add(running);
        return running;
    }

    /** Starts a pod, and lists it, with volumes on disk that belong on tmpfs. */
    Running runWithVolumesOnDisk(Pod pod, Set<String> volumesOnDisk) {
        Running running = runUnlisted(pod, config -> {}, volumesOnDisk);
        pods.add(running);
        return running;
    }

    /** Starts a pod that the kubelet does not know. */
    Running runUnlisted(Pod pod) {
        return runUnlisted(pod, config -> {}, Set.of());
    }

    /** What the runtime of this node is told for a pod. */
    CriConfig config(Pod pod) {
        return new CriConfig(pod, defaults);
    }

    private Running runUnlisted(Pod pod, Consumer<ObjectNode> otherwise, Set<String> volumesOnDisk) {
        var config = config(pod);
        Running.Container sandbox = startSandbox(pod, config);
        String sandboxId = sandbox.id();
        var containers = new LinkedHashMap<String, Running.Container>();
        for (ObjectNode container : pod.running()) {
            String id = newId();
            List<Volumes.Mount> mounts = new ArrayList<>(volumes.of(pod, container, volumesOnDisk));
            boolean readOnly =
                    container.at("/securityContext/readOnlyRootFilesystem").asBoolean(false);
            for (String file : List.of("hostname", "resolv.conf")) {
                mounts.add(new Volumes.Mount(sandboxFiles(sandboxId).resolve(file), "/etc/" + file, readOnly));
            }
            mounts.add(new Volumes.Mount(sharedMemory(pod, sandboxId), "/dev/shm", false));
            ObjectNode wanted = config.container(container, id, sandboxId, sandbox.pid(), mounts);
            otherwise.accept(wanted);
            String name = container.get("name").asText();
            containers.put(name, start(pod, name, id, wanted));
        }
        return new Running(pod, sandbox, containers);
    }

    private Running.Container startSandbox(Pod pod, CriConfig config) {
        String id = newId();
        return start(pod, "", id, config.sandbox(id, sandboxFiles(id), sharedMemory(pod, id)));
    }

    private Running.Container start(Pod pod, String name, String id, ObjectNode config) {
        prepare(id, config);
        runtime.start(id, config);
        return started(pod.name() + "/" + name, name, id, config);
    }

    private Running.Container started(String what, String name, String id, ObjectNode config) {
        undo.add("container " + what, () -> runtime.remove(id));
        var container =
                new Running.Container(name, id, config.at("/linux/cgroupsPath").asText(), runtime.pid(id), config);
        started.add(container);
        return container;
    }

    /** Root file system and cgroup: both go after the container. */
    private void prepare(String id, ObjectNode config) {
        String cgroup = config.at("/linux/cgroupsPath").asText();
        undo.add("cgroup " + cgroup, () -> {
            cgroups.remove(cgroup);
            // Not before the end: another node of this run may be about to make its first cgroup below them.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> cgroups.removeEmptyParents(cgroup)));
        });
        config.withObject("/root").put("path", runtime.rootfs(id, config).toString());
    }

    /**
     * A container that was created and not started: the runtime's own program waits in its namespaces, with all rights.
     * The kubelet lists the pod without it.
     */
    Running.Container createOnly(Running running) {
        var config = config(running.pod());
        ObjectNode container = running.pod().running().get(0);
        String id = newId();
        ObjectNode wanted = config.container(
                container,
                id,
                running.sandbox().id(),
                running.sandbox().pid(),
                volumes.of(running.pod(), container, Set.of()));
        prepare(id, wanted);
        ((OciRuntime) runtime).create(id, wanted);
        return started(id, container.get("name").asText(), id, wanted);
    }

    /** A container beside those of the pods, with an OCI configuration of the test's own making. */
    Running.Container runBeside(String id, ObjectNode config) {
        prepare(id, config);
        runtime.start(id, config);
        return started(id, "", id, config);
    }

    /**
     * Starts a process by the runtime's exec, as {@code kubectl exec} does. Returns its pid on the host.
     *
     * @param arguments the last word of the last one is found nowhere else
     */
    long exec(Running.Container container, int uid, String... arguments) {
        String last = arguments[arguments.length - 1];
        String marker = last.substring(last.lastIndexOf(' ') + 1);
        runtime.exec(container.id(), uid, List.of(arguments));
        return find(container.cgroup(), marker);
    }

    /** The process in this cgroup that has this text as its last argument. */
    long find(String cgroup, String marker) {
        return org.awaitility.Awaitility.await("a process with " + marker + " in " + cgroup)
                .atMost(java.time.Duration.ofSeconds(10))
                .pollInterval(java.time.Duration.ofMillis(10))
                .until(
                        () -> cgroups.pids(cgroup).stream()
                                .filter(pid -> isProgram(new Proc(pid).commandLine(), marker))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow();
    }

    /** Not the shell that is about to start it. */
    private static boolean isProgram(String commandLine, String marker) {
        return commandLine.endsWith(marker) && !commandLine.contains(" -c ");
    }

    /** A process put somewhere by hand; see {@link Placed}. */
    Placed place() {
        return new Placed(workload, cgroups, undo);
    }

    /** A cgroup that did not exist before, in every hierarchy, gone with the node. */
    void makeCgroup(String path) {
        cgroups.make(path, undo);
    }

    /** Moves a living process into a cgroup, in every hierarchy. */
    void move(long pid, String cgroup) {
        for (Path file : cgroups.procsFiles(cgroup)) {
            try {
                Files.writeString(file, Long.toString(pid));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    ContainerRuntime runtime() {
        return runtime;
    }

    Path directory() {
        return scratch.directory();
    }

    Path hostRoot() {
        return scratch.hostRoot();
    }

    Undo undo() {
        return undo;
    }

    Path workload() {
        return workload;
    }

    List<Running> pods() {
        return List.copyOf(pods);
    }

    /** The pods' list with a change in it, such as another declaration. */
    Path podList(String name, Consumer<ObjectNode> change) {
        ObjectNode list = KubeletPods.of(pods);
        change.accept(list);
        try {
            // At once: somebody may be reading the one before.
            Path made = scratch.directory().resolve(name + ".new");
            Files.write(made, JSON.writeValueAsBytes(list));
            made.toFile().setReadable(true, false);
            return Files.move(made, scratch.directory().resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code plumbline scan} of this node with the pods that run on it. */
    Scan scan(String... more) {
        return scan(podList("pods.json", list -> {}), more);
    }

    Scan scan(Path podList, String... more) {
        var options = new ArrayList<>(
                List.of("--pods", podList.toString(), "--host-root", hostRoot().toString()));
        options.addAll(List.of(more));
        return Scan.json(options);
    }

    @Override
    public void close() {
        // All at once, by pid, so that removing the containers one by one need not wait for each to end.
        started.forEach(container -> ProcessHandle.of(container.pid()).ifPresent(ProcessHandle::destroyForcibly));
        undo.close();
    }

    static String newId() {
        byte[] bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private Path sandboxFiles(String sandboxId) {
        Path directory = hostRoot().resolve("var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" + sandboxId);
        try {
            if (!Files.exists(directory)) {
                Files.createDirectories(directory);
                for (String file : List.of("hostname", "hosts", "resolv.conf")) {
                    Files.createFile(directory.resolve(file));
                }
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path sharedMemory(Pod pod, String sandboxId) {
        if (pod.flag("hostIPC")) {
            return Path.of("/dev/shm");
        }
        Path directory = hostRoot().resolve("run/containerd/io.containerd.grpc.v1.cri/sandboxes/" + sandboxId + "/shm");
        try {
            if (!Files.exists(directory)) {
                Files.createDirectories(directory);
                Command.succeed(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "nosuid,noexec,nodev,size=65536k,mode=1777",
                        "shm",
                        directory.toString());
                undo.add("shared memory " + directory, () -> Command.succeed("umount", directory.toString()));
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pods by name, for tests that look one up. */
    Map<String, Running> byName() {
        var byName = new LinkedHashMap<String, Running>();
        pods.forEach(running -> byName.put(running.pod().name(), running));
        return byName;
    }
}
