package io.plumbline.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The one image of the test containers: a static busybox, the workload program, {@code /pause}, two users. */
final class Image {
    static final String NAME = "plumbline.test/workload:1";

    private static final List<String> APPLETS = List.of(
            "cat", "chmod", "cp", "mkdir", "mount", "mv", "nc", "rm", "sh", "sleep", "su", "true", "umount", "unshare");

    private static final Map<String, String> FILES = Map.of(
            "etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\nguest:x:405:100::/:/bin/sh\n",
            "etc/group", "root:x:0:\nvideo:x:44:app\nusers:x:100:\napp:x:1000:\n",
            "etc/hosts", "",
            "etc/hostname", "",
            "etc/resolv.conf", "");

    private final Path layer;

    private Image(Path layer) {
        this.layer = layer;
    }

    /** Builds it below a directory of the scratch space. */
    static Image build(Path directory, Path workload) {
        Path layer = directory.resolve("layer");
        try {
            for (String name : List.of("bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "var/run")) {
                Files.createDirectories(layer.resolve(name));
            }
            layer.resolve("tmp").toFile().setWritable(true, false);
            Path bin = layer.resolve("bin");
            copyProgram(Machine.needsProgram("busybox"), bin.resolve("busybox"));
            for (String applet : APPLETS) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
            copyProgram(workload, bin.resolve("workload"));
            copyProgram(workload, layer.resolve("pause"));
            for (var file : FILES.entrySet()) {
                Files.writeString(layer.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Image(layer);
    }

    /** Compiles the workload program; {@code -Dplumbline.it.workload=FILE} names a ready one, for a machine without compiler. */
    static Path workload(Path directory) {
        String ready = System.getProperty("plumbline.it.workload");
        if (ready != null) {
            return Path.of(ready);
        }
        Path program = directory.resolve("workload");
        var command = new ArrayList<>(List.of(
                Machine.needsProgram("gcc").toString(), "-O1", "-static", "-pthread", "-o", program.toString()));
        try (Stream<Path> sources = Files.list(Machine.repository().resolve("integration-tests/src/test/c"))) {
            sources.map(Path::toString)
                    .filter(file -> file.endsWith(".c"))
                    .sorted()
                    .forEach(command::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.succeed(command);
        return program;
    }

    /** The lower directory of an overlay. */
    Path layer() {
        return layer;
    }

    /** The same as an archive that {@code ctr images import} takes, in the form of {@code docker save}. */
    Path archive(Path directory) {
        Path layerTar = directory.resolve("layer.tar");
        Path archive = directory.resolve("image.tar");
        Command.succeed("tar", "-C", layer.toString(), "--numeric-owner", "-cf", layerTar.toString(), ".");
        var json = new ObjectMapper();
        try {
            byte[] config = json.writeValueAsBytes(Map.of(
                    "architecture", architecture(),
                    "os", "linux",
                    "config", Map.of("Cmd", List.of("/bin/sh")),
                    "rootfs", Map.of("type", "layers", "diff_ids", List.of("sha256:" + sha256(layerTar)))));
            Files.write(directory.resolve("config.json"), config);
            Files.write(
                    directory.resolve("manifest.json"),
                    json.writeValueAsBytes(List.of(Map.of(
                            "Config", "config.json",
                            "RepoTags", List.of(NAME),
                            "Layers", List.of("layer.tar")))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.succeed(
                "tar",
                "-C",
                directory.toString(),
                "-cf",
                archive.toString(),
                "manifest.json",
                "config.json",
                "layer.tar");
        return archive;
    }

    /** The digest of the only layer, by which containerd names its snapshot. */
    static String sha256(Path file) {
        try (var digest =
                new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"))) {
            Files.copy(file, digest);
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static void copyProgram(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        to.toFile().setExecutable(true, false);
    }
}
