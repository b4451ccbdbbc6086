package io.plumbline.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A containerd of its own, with state, root and socket below the node's root directory, used by {@code ctr}. The
 * snapshots, the shims, the bundles and the calls of runc are containerd's; only the kubelet's part is the rig's.
 */
final class Containerd implements ContainerRuntime {
    static final String NAMESPACE = "k8s.io";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path hostRoot;
    private final Path scratch;
    private final Process daemon;
    private final String imageSnapshot;
    private final Undo undo;
    private int execs;

    private Containerd(Path hostRoot, Path scratch, Process daemon, String imageSnapshot, Undo undo) {
        this.hostRoot = hostRoot;
        this.scratch = scratch;
        this.daemon = daemon;
        this.imageSnapshot = imageSnapshot;
        this.undo = undo;
    }

    /** Starts the daemon and gives it the image. */
    static Containerd start(Path containerd, Path hostRoot, Path scratch, Image image, Undo undo) {
        Process daemon = daemon(containerd, hostRoot, scratch, undo);
        Path archive = image.archive(scratch);
        ctr(hostRoot, "images", "import", archive.toString());
        return new Containerd(hostRoot, scratch, daemon, "sha256:" + Image.sha256(scratch.resolve("layer.tar")), undo);
    }

    /** Starts the daemon alone, and waits until it answers. */
    private static Process daemon(Path containerd, Path hostRoot, Path scratch, Undo undo) {
        Path config = scratch.resolve("containerd.toml");
        Path log = scratch.resolve("containerd.log");
        Process daemon;
        try {
            Files.createDirectories(hostRoot.resolve("run/containerd"));
            Files.writeString(config, """
                    version = 2
                    root = "%s"
                    state = "%s"
                    disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
                      "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
                      "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
                    [grpc]
                      address = "%s"
                    """.formatted(
                    hostRoot.resolve("var/lib/containerd"), hostRoot.resolve("run/containerd"), socket(hostRoot)));
            daemon = new ProcessBuilder(containerd.toString(), "--config", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        undo.add("containerd", () -> end(daemon));
        Awaitility.await("containerd, see " + log)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> daemon.isAlive() && answers(hostRoot));
        return daemon;
    }

    @Override
    public String unpack(AgentImage image) {
        ctr("images", "import", image.archive().toString());
        return image.chain();
    }

    @Override
    public Path rootfs(String id, ObjectNode config) {
        Path rootfs = scratch.resolve("rootfs").resolve(id.substring(0, 12));
        try {
            Files.createDirectories(rootfs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ctr("snapshots", "prepare", id, config.at("/annotations").path(IMAGE).asText(imageSnapshot));
        undo.add("snapshot " + id, () -> ctr("snapshots", "remove", id));
        String mount = ctr("snapshots", "mounts", rootfs.toString(), id);
        Command.succeed(List.of(mount.split("\\s+", -1)));
        undo.add("root file system " + rootfs, () -> Command.succeed("umount", rootfs.toString()));
        return rootfs;
    }

    @Override
    public void start(String id, ObjectNode config) {
        Path file = scratch.resolve(id + ".json");
        try {
            Files.write(file, JSON.writeValueAsBytes(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ctr("run", "--detach", "--null-io", "--pid-file", pidFile(id).toString(), "--config", file.toString(), id);
    }

    @Override
    public long pid(String id) {
        try {
            return Long.parseLong(Files.readString(pidFile(id)).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void exec(String id, int uid, List<String> arguments) {
        var all = new ArrayList<>(List.of(
                "tasks", "exec", "--detach", "--exec-id", "exec-" + ++execs, "--user", Integer.toString(uid), id));
        all.addAll(arguments);
        ctr(all.toArray(String[]::new));
    }

    @Override
    public void remove(String id) {
        ctr("tasks", "delete", "--force", id);
        ctr("containers", "delete", id);
    }

    @Override
    public void close() {
        // the daemon outlives the snapshots: undo ends it last
    }

    private Path pidFile(String id) {
        return scratch.resolve(id + ".pid");
    }

    private String ctr(String... arguments) {
        if (!daemon.isAlive()) {
            throw new AssertionError("containerd has ended with " + daemon.exitValue());
        }
        return ctr(hostRoot, arguments);
    }

    private static String ctr(Path hostRoot, String... arguments) {
        return Command.succeed(command(hostRoot, arguments));
    }

    /** {@code ctr} and its words, for the daemon below that root. */
    private static List<String> command(Path hostRoot, String... arguments) {
        var all = new ArrayList<>(List.of(
                Machine.needsProgram("ctr").toString(),
                "--address",
                socket(hostRoot).toString(),
                "--namespace",
                NAMESPACE));
        all.addAll(List.of(arguments));
        return all;
    }

    private static boolean answers(Path hostRoot) {
        return Files.exists(socket(hostRoot))
                && Command.run(Duration.ofSeconds(10), command(hostRoot, "version"))
                                .status()
                        == 0;
    }

    private static Path socket(Path hostRoot) {
        return hostRoot.resolve("run/containerd/containerd.sock");
    }

    private static void end(Process daemon) throws InterruptedException {
        daemon.destroy();
        if (!daemon.waitFor(20, TimeUnit.SECONDS)) {
            daemon.destroyForcibly().waitFor();
        }
    }
}
