package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./plumbline} and its archive of classes: in a clone that is built, with a Java that writes down what it is asked, and once with
 * the real ones.
 */
final class LauncherIT {
    private static final String MADE_ANEW =
            "plumbline: there is no archive of the classes of this build and this Java; making it, once (some seconds)";

    /** Ends with the status that is in the file {@code status}, and cannot make an archive while there is a file {@code refuses}. */
    private static final String JAVA = """
            #!/bin/sh
            cd "$(dirname "$0")/.."
            for word; do
                case $word in
                    -XX:SharedArchiveFile=*) archive=${word#*=} ;;
                    -Xshare:dump) dump=yes ;;
                esac
            done
            if [ -n "${dump:-}" ]; then
                echo "dump ${JAVA_TOOL_OPTIONS-}${JDK_JAVA_OPTIONS-}${_JAVA_OPTIONS-}" >>calls
                echo half >"$archive"
                [ ! -e refuses ]
            else
                echo "start ${archive:-}" >>calls
                exit "$(cat status)"
            fi
            """;

    @TempDir
    Path scratch;

    private Path clone;
    private Path target;
    private Path javaHome;

    @BeforeEach
    void build() throws IOException {
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxr-xr-x"));
        clone = scratch.resolve("a clone");
        target = Files.createDirectories(clone.resolve("agent/target"));
        Files.copy(Machine.repository().resolve("plumbline"), clone.resolve("plumbline"));
        Files.createDirectory(clone.resolve("docker"));
        Files.writeString(clone.resolve("docker/classes.list"), "java/lang/Object\n");
        javaHome = scratch.resolve("java");
        Path java = javaHome.resolve("bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, JAVA);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectory(javaHome.resolve("lib"));
        Files.writeString(javaHome.resolve("lib/modules"), "modules");
        Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"17.0.9\"\n");
        Files.writeString(javaHome.resolve("status"), "0");
        Path calls = Files.createFile(javaHome.resolve("calls"));
        Files.setPosixFilePermissions(calls, PosixFilePermissions.fromString("rw-rw-rw-"));
        packageAgain("a program");
    }

    @Test
    void theArchiveIsMadeOnceForEachJar() throws IOException {
        assertThat(start("serve").errors().lines()).containsExactly(MADE_ANEW);
        assertThat(start("serve").errors()).isEmpty();
        assertThat(calls()).containsExactly("dump ", "start " + archive(), "start " + archive());

        packageAgain("another program");
        assertThat(start("serve").errors().lines()).containsExactly(MADE_ANEW);
        assertThat(start("scan").errors()).isEmpty();
        assertThat(calls()).containsExactly("dump ", "start " + archive(), "start " + archive());
    }

    @Test
    void anotherJavaHasAnArchiveOfItsOwn() throws IOException {
        start("serve");
        calls();
        Files.writeString(javaHome.resolve("lib/modules"), "modules of an update");
        start("scan");
        start("serve");
        assertThat(calls()).containsExactly("start ", "dump ", "start " + archive());
    }

    @Test
    void aShortCommandDoesNotWaitForIt() throws IOException {
        for (List<String> command : List.of(
                List.<String>of(),
                List.of("--version"),
                List.of("scan"),
                List.of("lint"),
                List.of("serve", "--help"))) {
            assertThat(start(command.toArray(String[]::new)).errors()).isEmpty();
        }
        assertThat(calls()).hasSize(5).containsOnly("start ");
    }

    @Test
    void whatCouldNotBeMadeIsNotTriedAtEachStart() throws IOException {
        Files.createFile(javaHome.resolve("refuses"));
        Files.writeString(javaHome.resolve("status"), "3");
        assertThat(start("serve").status()).isEqualTo(3);
        assertThat(start("serve").errors()).isEmpty();
        assertThat(calls()).containsExactly("dump ", "start ", "start ");
        assertThat(files()).noneMatch(name -> name.contains(".jsa") && !name.endsWith(".of"));

        Files.delete(javaHome.resolve("refuses"));
        packageAgain("another program");
        start("serve");
        assertThat(calls()).containsExactly("dump ", "start " + archive());
    }

    @Test
    void whoStartsWhileAnotherMakesItStartsWithout() throws IOException {
        Path lock = Files.createFile(target.resolve("launcher.lock"));
        startsWithout(Machine.needsProgram("flock").toString(), lock.toString());
    }

    @Test
    void theOptionsOfOneStartAreNotTheArchives() throws IOException {
        ProcessBuilder builder = launcher("serve");
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            builder.environment().put(variable, "-Xmx20m");
        }
        Command.run(Duration.ofSeconds(30), builder);
        assertThat(calls()).containsExactly("dump ", "start " + archive());
    }

    @Test
    void whoMayNotWriteStartsWithout() throws IOException {
        startsWithoutAsAnother();
        assertThat(files()).containsExactly("plumbline-agent.jar");
    }

    @Test
    void whoMayWriteButNotToTheLockStartsWithout() throws IOException {
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path lock = Files.createFile(target.resolve("launcher.lock"));
        Files.setPosixFilePermissions(lock, PosixFilePermissions.fromString("rw-r--r--"));
        startsWithoutAsAnother();
    }

    @Test
    void whatRootMakesInACloneOfAnotherIsTheirs() throws IOException {
        Machine.needs(Machine.isRoot(), "root, to start it in another user's clone");
        Machine.needsProgram("setpriv");
        Command.succeed("chown", "-R", "65534:65534", clone.toString());
        Files.setPosixFilePermissions(clone.resolve("plumbline"), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(start("serve").errors().lines()).containsExactly(MADE_ANEW);
        assertThat(calls()).containsExactly("dump ", "start " + archive());
        assertThat(files()).contains("plumbline.jsa", "plumbline.jsa.of", "launcher.lock");
        for (String file : files()) {
            assertThat(Files.getAttribute(target.resolve(file), "unix:uid"))
                    .as(file)
                    .isEqualTo(65534);
        }
    }

    @Test
    void theRealJavaTakesTheRealArchive() throws IOException {
        try (Serving serving = Serving.start(
                scratch, List.of("--state-dir", scratch.resolve("state").toString()))) {
            assertThat(Files.readString(Path.of("/proc", Long.toString(serving.pid()), "maps")))
                    .contains("/agent/target/plumbline.jsa");
        }
    }

    @Test
    void theRealJavaStartsWithASmallerHeapThanTheFirst() throws IOException {
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            ProcessBuilder builder =
                    new ProcessBuilder(Machine.repository().resolve("plumbline").toString(), "serve", "--help");
            builder.environment().put(variable, "-Xmx32m");
            Command help = Command.run(Duration.ofSeconds(60), builder);
            assertThat(help.status()).as(help.errors()).isZero();
        }
    }

    private void startsWithoutAsAnother() throws IOException {
        Machine.needs(Machine.isRoot(), "root, to be another user");
        startsWithout(Machine.needsProgram("setpriv").toString(), "--reuid=65534", "--regid=65534", "--clear-groups");
    }

    /** @param through a program that starts another, and its words */
    private void startsWithout(String... through) throws IOException {
        List<String> words = new ArrayList<>(List.of(through));
        words.addAll(List.of(
                "env", "JAVA_HOME=" + javaHome, "sh", clone.resolve("plumbline").toString(), "serve"));
        Command command = Command.run(Duration.ofSeconds(30), words);
        assertThat(command.status()).as(command.errors()).isZero();
        assertThat(command.errors()).isEmpty();
        assertThat(calls()).containsExactly("start ");
    }

    /** As {@code ./mvnw package} leaves it. */
    private void packageAgain(String program) throws IOException {
        Files.writeString(target.resolve("plumbline-agent.jar"), program);
    }

    private Path archive() {
        return target.resolve("plumbline.jsa");
    }

    private Command start(String... words) {
        return Command.run(Duration.ofSeconds(30), launcher(words));
    }

    private ProcessBuilder launcher(String... words) {
        List<String> command =
                new ArrayList<>(List.of("sh", clone.resolve("plumbline").toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return builder;
    }

    /** What Java was asked since this was asked last. */
    private List<String> calls() throws IOException {
        Path file = javaHome.resolve("calls");
        List<String> calls = Files.readAllLines(file);
        Files.writeString(file, "");
        return calls;
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(target)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
