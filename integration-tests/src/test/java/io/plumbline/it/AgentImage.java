package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The agent's image as {@code docker/build.sh} leaves it: an OCI archive, laid out in a directory.
 *
 * @param digest of its manifest, {@code sha256:...}
 * @param layout the unpacked archive
 */
record AgentImage(String arch, String digest, Path archive, Path layout) {

    /** Downloads, a JVM's run under emulation: minutes on a machine that does other things too. */
    private static final Duration LIMIT = Duration.ofMinutes(12);

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Builds it; another environment must not show in it. */
    static AgentImage build(String arch, Map<String, String> environment, Path scratch) {
        Path repository = Machine.repository();
        ProcessBuilder builder =
                new ProcessBuilder(repository.resolve("docker/build.sh").toString(), "--arch", arch);
        builder.environment().putAll(environment);
        Command build = Command.run(LIMIT, builder);
        if (build.status() != 0) {
            throw new AssertionError("status " + build.status() + ": " + build.arguments() + "\n" + build.errors());
        }
        return of(arch, scratch);
    }

    private static AgentImage of(String arch, Path scratch) {
        Path archive = archive(arch);
        try {
            Path layout = Files.createTempDirectory(scratch, "image-" + arch + "-");
            Command.succeed("tar", "--extract", "--file", archive.toString(), "--directory", layout.toString());
            JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
            return new AgentImage(arch, index.at("/manifests/0/digest").asText(), archive, layout);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the architecture of this machine, as everybody builds it. One that is newer than all that it is made of is not built again. */
    static AgentImage ofThisMachine(Path scratch) {
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return isBuilt(archive(arch)) ? of(arch, scratch) : build(arch, Map.of(), scratch);
    }

    private static boolean isBuilt(Path archive) {
        if (!Files.exists(archive)) {
            return false;
        }
        FileTime built = modified(archive);
        return Stream.of(
                        "docker",
                        "native-helpers",
                        "agent/target/plumbline-agent.jar",
                        "agent/target/lib",
                        "pom.xml",
                        "agent/pom.xml",
                        "daemonset/install.yaml")
                .map(Machine.repository()::resolve)
                .flatMap(place -> files(place).stream())
                .allMatch(source -> modified(source).compareTo(built) < 0);
    }

    /** What lies there, but for what was built from it. */
    private static List<Path> files(Path place) {
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> {
                        String below = place.relativize(file).toString();
                        return !below.startsWith("target/") && !below.startsWith("build/");
                    })
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path archive(String arch) {
        return Machine.repository().resolve("docker/target/plumbline-agent-" + arch + ".oci.tar");
    }

    JsonNode index() {
        return read(layout.resolve("index.json"));
    }

    JsonNode manifest() {
        return read(blob(digest));
    }

    JsonNode config() {
        return read(blob(manifest().at("/config/digest").asText()));
    }

    List<Path> layers() {
        return StreamSupport.stream(manifest().get("layers").spliterator(), false)
                .map(layer -> blob(layer.get("digest").asText()))
                .toList();
    }

    /** What a runtime knows all its layers by, one upon the other: the ChainID of the OCI image specification, config.md. */
    String chain() {
        String chain = "";
        for (JsonNode layer : config().at("/rootfs/diff_ids")) {
            chain = chain.isEmpty() ? layer.asText() : "sha256:" + sha256(chain + " " + layer.asText());
        }
        return chain;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    Path blob(String sha256) {
        return layout.resolve("blobs/sha256").resolve(sha256.replace("sha256:", ""));
    }

    /** As a runtime unpacks it. */
    Path unpack(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Path layer : layers()) {
            Command.succeed(
                    "tar",
                    "--extract",
                    "--gzip",
                    "--same-permissions",
                    "--file",
                    layer.toString(),
                    "--directory",
                    directory.toString());
        }
        return directory;
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
