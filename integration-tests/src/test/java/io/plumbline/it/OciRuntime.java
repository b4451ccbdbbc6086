package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** runc or crun, called as containerd's shim calls them. Both take the same command line. */
final class OciRuntime implements ContainerRuntime {
    static final String BUNDLES = "run/containerd/io.containerd.runtime.v2.task/k8s.io";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * crun refuses a hybrid machine whose version 2 hierarchy has controllers, so it is not shown that one. Its
     * containers then are where version 1 puts them, and at the root of version 2.
     */
    private static final List<String> WITHOUT_HYBRID = List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            "! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified && exec \"$@\"",
            "sh");

    private final List<String> program;
    private final Path hostRoot;
    private final Path layer;
    private final Undo undo;

    /** With its state below the node's own root directory. */
    OciRuntime(Path program, Path hostRoot, Path layer, Undo undo) {
        this.program = new ArrayList<>(program.endsWith("crun") ? WITHOUT_HYBRID : List.of());
        this.program.addAll(List.of(
                program.toString(),
                "--root",
                hostRoot.resolve("run").resolve(program.getFileName()).toString()));
        this.hostRoot = hostRoot;
        this.layer = layer;
        this.undo = undo;
    }

    @Override
    public String unpack(AgentImage image) {
        return image.unpack(layer.resolveSibling(image.digest().replace(':', '-')))
                .toString();
    }

    @Override
    public Path rootfs(String id, ObjectNode config) {
        JsonNode other = config.at("/annotations").path(IMAGE);
        Path lower = other.isTextual()
                ? Path.of(other.asText())
                : config.at("/linux").has("uidMappings") ? shifted(config) : layer;
        Path snapshot = hostRoot.resolve("var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots")
                .resolve(id.substring(0, 12));
        Path rootfs = bundle(id).resolve("rootfs");
        try {
            Files.createDirectories(snapshot.resolve("fs"));
            Files.createDirectories(snapshot.resolve("work"));
            Files.createDirectories(rootfs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.succeed(
                "mount",
                "-t",
                "overlay",
                "-o",
                "lowerdir=" + lower + ",upperdir=" + snapshot.resolve("fs") + ",workdir=" + snapshot.resolve("work"),
                "overlay",
                rootfs.toString());
        undo.add("root file system " + rootfs, () -> Command.succeed("umount", rootfs.toString()));
        return rootfs;
    }

    @Override
    public void start(String id, ObjectNode config) {
        write(id, config);
        call("run", "--detach", "--bundle", bundle(id).toString(), id);
    }

    /** Up to the point where the container's own program would be started: the runtime's init waits. */
    void create(String id, ObjectNode config) {
        write(id, config);
        call("create", "--bundle", bundle(id).toString(), id);
    }

    @Override
    public long pid(String id) {
        try {
            return JSON.readTree(call("state", id)).get("pid").asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void exec(String id, int uid, List<String> arguments) {
        exec(id, List.of("--user", Integer.toString(uid)), arguments);
    }

    /** The same with more options, such as {@code --cap}. */
    void exec(String id, List<String> options, List<String> arguments) {
        var all = new ArrayList<>(List.of("exec", "--detach"));
        all.addAll(options);
        all.add(id);
        all.addAll(arguments);
        call(all.toArray(String[]::new));
    }

    @Override
    public void remove(String id) {
        call("delete", "--force", id);
    }

    @Override
    public void close() {
        // nothing of it runs between calls
    }

    /** The image with its files owned by the root of a user namespace, as containerd's snapshotter remaps one. */
    private Path shifted(ObjectNode config) {
        String owner = config.at("/linux/uidMappings/0/hostID").asText();
        Path shifted = layer.resolveSibling("layer-" + owner);
        if (!Files.exists(shifted)) {
            Command.succeed("cp", "-a", layer.toString(), shifted.toString());
            Command.succeed("chown", "-R", "-h", owner + ":" + owner, shifted.toString());
        }
        return shifted;
    }

    private Path bundle(String id) {
        return hostRoot.resolve(BUNDLES).resolve(id);
    }

    private void write(String id, ObjectNode config) {
        try {
            Files.createDirectories(bundle(id));
            Files.write(bundle(id).resolve("config.json"), JSON.writeValueAsBytes(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String call(String... arguments) {
        var all = new ArrayList<>(program);
        all.addAll(List.of(arguments));
        return Command.succeed(all);
    }
}
