package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/** What {@code docker/build.sh} makes, for both architectures; how it runs is {@link AgentPods}'s. */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class AgentImageIT {
    /** After the other tests, beside which the image of the other architecture is built. */
    private static final int LAST = Integer.MAX_VALUE;

    private static final int MOST_BYTES = 50_000_000;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Undo undo = new Undo();
    private Path scratch;
    private AgentImage image;
    private CompletableFuture<AgentImage> other =
            CompletableFuture.failedFuture(new IllegalStateException("not begun"));
    private Path root;

    @BeforeAll
    void build() {
        Machine.needsProgram("apt-get");
        Machine.needsProgram("cc");
        Machine.needs(Machine.isRoot(), "root, to unpack an image with its owners");
        scratch = Scratch.make(undo).directory();
        image = AgentImage.ofThisMachine(scratch);
        // not beside the build of this one, whose jars it takes
        other = CompletableFuture.supplyAsync(() -> AgentImage.build("arm64", Map.of(), scratch));
        root = image.unpack(scratch.resolve("root"));
    }

    @AfterAll
    void end() {
        // it writes into what goes now
        other.handle((made, failed) -> true).join();
        undo.close();
    }

    @Test
    void anotherBuildInAnotherEnvironmentGivesTheSameBytes() throws IOException {
        Path first = Files.copy(image.archive(), scratch.resolve("first.tar"), StandardCopyOption.REPLACE_EXISTING);
        AgentImage again = AgentImage.build("amd64", Map.of("TZ", "Asia/Tokyo", "LANG", "tr_TR.UTF-8"), scratch);
        assertThat(again.digest()).isEqualTo(image.digest());
        assertThat(Files.mismatch(first, again.archive())).isEqualTo(-1);
    }

    @Test
    void everyBlobIsWhatItsDigestSays() {
        for (Path blob : List.of(
                image.blob(image.digest()),
                image.blob(image.manifest().at("/config/digest").asText()),
                image.layers().get(0),
                image.layers().get(1),
                image.layers().get(2))) {
            assertThat(Command.succeed("sha256sum", blob.toString()))
                    .startsWith(blob.getFileName().toString());
        }
        assertThat(image.config().at("/rootfs/diff_ids")).hasSize(3);
    }

    @Test
    void itsNameIsTheOneThatTheManifestsAskFor() throws IOException {
        String name = image.index()
                .at("/manifests/0/annotations/io.containerd.image.name")
                .asText();
        assertThat(Files.readString(Machine.repository().resolve("daemonset/install.yaml")))
                .contains("image: " + name + "\n");
    }

    @Test
    void itHoldsNoShellNoSetuidFileAndNothingOfTheMachineThatBuiltIt() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> all = files.toList();
            // profiles of AppArmor are called after programs
            assertThat(all.stream()
                            .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                            .map(path -> path.getFileName().toString()))
                    .contains("java", "plumbline", "apparmor_parser")
                    .doesNotContain("sh", "bash", "dash", "busybox", "perl", "apt", "dpkg");
            assertThat(all.stream().map(path -> path.getFileName().toString()))
                    .doesNotContain("hsperfdata_root", ".emulator");
            for (Path path : all) {
                if (Files.isRegularFile(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    int mode = (int) Files.getAttribute(path, "unix:mode", java.nio.file.LinkOption.NOFOLLOW_LINKS);
                    assertThat(mode & 06022)
                            .as("set-id bits, or writable by others: %s", path)
                            .isZero();
                }
            }
        }
    }

    @Test
    void itIsSmall() throws IOException {
        assertThat(Files.size(image.archive())).isLessThanOrEqualTo(MOST_BYTES);
    }

    @Test
    void whatTheManifestOfItsPartsNamesIsWhatIsInside() throws IOException {
        JsonNode sbom = new ObjectMapper()
                .readTree(
                        root.resolve("usr/share/sbom/plumbline-agent.cdx.json").toFile());
        Set<String> hashes = new HashSet<>();
        Set<String> packages = new HashSet<>();
        sbom.get("components").forEach(component -> {
            if (component.has("hashes")) {
                hashes.add(component.at("/hashes/0/content").asText());
            } else {
                packages.add(component.get("name").asText());
            }
        });
        try (Stream<Path> jars = Files.list(root.resolve("opt/plumbline/lib"))) {
            List<Path> all = jars.toList();
            assertThat(all).hasSameSizeAs(hashes).isNotEmpty();
            for (Path jar : all) {
                assertThat(hashes)
                        .contains(Command.succeed("sha256sum", jar.toString()).substring(0, 64));
            }
        }
        assertThat(packages).contains("libc6", "zlib1g", "apparmor").anyMatch(name -> name.startsWith("openjdk"));
    }

    /** A jar of another time, or in another order, and the JVM would go on without the archive and without a word. */
    @Test
    void theArchiveOfClassesIsTheOneOfTheseJars() {
        inside("proc", "/usr/bin/plumbline", "-J-Xshare:on", "--version");
    }

    @Test
    void itCompilesProfiles() {
        assertThat(inside("proc", "/sbin/apparmor_parser", "--version")).contains("AppArmor parser");
    }

    /** Classes that nothing names are left out of its libraries: each command has to find those that it needs. */
    @Test
    void eachCommandFindsItsClasses() throws IOException {
        Path repository = Machine.repository();
        Path files = Files.createDirectories(root.resolve("tmp/files"));
        Files.copy(repository.resolve("docs/examples/rules.yaml"), files.resolve("rules.yaml"));
        Files.copy(repository.resolve("daemonset/install.yaml"), files.resolve("install.yaml"));
        Files.writeString(files.resolve("bane.toml"), """
                Name = "worker"
                [Filesystem]
                WritablePaths = ["/tmp/**"]
                """);
        // nobody listens on port 1
        Files.writeString(files.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: it
                contexts: [{name: it, context: {cluster: it, user: it}}]
                clusters: [{name: it, cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: true}}]
                users: [{name: it, user: {token: t}}]
                """);
        assertThat(runs("scan --no-kubelet --output json --policy /tmp/files/rules.yaml"))
                .contains("\"summary\"");
        assertThat(runs("lint --level restricted --output sarif /tmp/files/install.yaml"))
                .contains("sarif-2.1.0");
        assertThat(runs("lint --level restricted --output junit /tmp/files/install.yaml"))
                .contains("<testsuites>");
        assertThat(runs("apparmor render /tmp/files/bane.toml")).contains("profile docker-worker");
        assertThat(runs("apparmor check /tmp/files/bane.toml")).contains("ok: docker-worker");
        assertThat(runs("explain")).contains("root-user");
        assertThat(runs("doctor --output json --kubelet-url https://127.0.0.1:1 --kubelet-insecure-skip-verify"
                        + " --kubeconfig /tmp/files/kubeconfig"))
                .contains("127.0.0.1:1", "refused");
    }

    /** To an end that is no failure of its own, and without an error in its log. */
    private String runs(String words) {
        List<String> command = new ArrayList<>(List.of("proc", "/usr/bin/plumbline"));
        command.addAll(List.of(words.split(" ")));
        Command run = Command.run(LIMIT, inRoot(root, command));
        assertThat(run.status())
                .as("%s\n%s\n%s", words, run.text(), run.errors())
                .isIn(0, 1);
        assertThat(run.errors()).as(words).doesNotContain("ERROR", "NoClassDefFound", "ClassNotFound");
        return run.text();
    }

    @Order(LAST)
    @Test
    void theOtherArchitectureRunsUnderEmulation() throws IOException {
        Path emulator = Machine.needsProgram("qemu-aarch64-static");
        Machine.needsProgram("aarch64-linux-gnu-gcc");
        AgentImage other = this.other.join();
        assertThat(other.config().get("architecture").asText()).isEqualTo("arm64");
        assertThat(Files.size(other.archive())).isLessThanOrEqualTo(MOST_BYTES);
        Path rootOfOther = other.unpack(scratch.resolve("root-arm64"));
        Files.copy(emulator, rootOfOther.resolve("emulator"), StandardCopyOption.COPY_ATTRIBUTES);
        // the program, and by it the library for /proc; lint also loads JSON and YAML
        String scanned = chroot(
                rootOfOther,
                "proc",
                "/emulator",
                "/opt/java/bin/java",
                "-Xshare:on",
                "@/opt/plumbline/jvm.options",
                "-jar",
                "/opt/plumbline/plumbline-agent.jar",
                "scan",
                "--no-kubelet");
        assertThat(scanned).contains("process");
    }

    @Order(LAST)
    @Test
    void oneFileHoldsItAllForAClusterThatReachesNothing() throws IOException {
        other.join();
        Command bundle = Command.run(
                Duration.ofMinutes(12),
                List.of(Machine.repository().resolve("docker/bundle.sh").toString()));
        assertThat(bundle.status()).as(bundle.errors()).isZero();
        Path unpacked = Files.createDirectories(scratch.resolve("bundle"));
        try (Stream<Path> made = Files.list(Machine.repository().resolve("docker/target"))) {
            Path file = made.filter(each -> each.getFileName().toString().matches("plumbline-[0-9].*\\.tar"))
                    .findFirst()
                    .orElseThrow();
            Command.succeed(
                    "tar",
                    "--extract",
                    "--strip-components=1",
                    "--file",
                    file.toString(),
                    "--directory",
                    unpacked.toString());
        }
        Command.succeed("sh", "-c", "cd \"$0\" && sha256sum --check --quiet SHA256SUMS", unpacked.toString());
        assertThat(unpacked.resolve("plumbline-agent-amd64.oci.tar")).exists();
        assertThat(unpacked.resolve("plumbline-agent-arm64.oci.tar")).exists();
        assertThat(unpacked.resolve("install.yaml")).exists();
        assertThat(unpacked.resolve("docs/install.md")).exists();
    }

    private String inside(String... words) {
        return chroot(root, words);
    }

    private static String chroot(Path root, String... words) {
        List<String> command = inRoot(root, List.of(words));
        Command run = Command.run(LIMIT, command);
        // 1: a scan that found something
        assertThat(run.status())
                .as("%s\n%s\n%s", command, run.text(), run.errors())
                .isIn(List.of(words).contains("scan") ? List.of(0, 1) : List.of(0));
        return run.text();
    }

    /** The first word names what is mounted: without {@code /proc} the JVM does not find its own libraries. */
    private static List<String> inRoot(Path root, List<String> words) {
        return Stream.concat(
                        Stream.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "mount -t proc proc \"$0/$1\" && cd \"$0\" && shift && exec chroot . \"$@\"",
                                root.toString()),
                        words.stream())
                .toList();
    }
}
