package io.plumbline.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Assumptions;
import org.junit.platform.commons.util.ReflectionUtils;
import org.opentest4j.TestAbortedException;

/** A machine of its own under QEMU, with AppArmor and cgroup v2, and the packaged agent in it; see src/test/guest/README.md. */
final class Guest {
    /** Of a script in it; it takes half of that where nothing else runs on two processors. */
    private static final Duration LIMIT = Duration.ofMinutes(13);
    /** Downloads included, the first time. */
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(10);

    /** What comes into it of src/test/guest. */
    private static final List<String> SCRIPTS = List.of("agent-in-guest", "commands", "profiles", "drift", "node");

    private final Path out;

    private Guest(Path out) {
        this.out = out;
    }

    /** Skips the calling test where no such machine can be made or booted. */
    static void needsGuest() {
        Machine.needs(System.getProperty("os.arch").equals("amd64"), "an x86-64 machine: the guest is one");
        Machine.needs(isDebian(), "Debian: the guest is made of its packages");
        for (String program :
                List.of("qemu-system-x86_64", "mkfs.ext4", "cpio", "apt-get", "dpkg-deb", "flock", "unshare", "gcc")) {
            Machine.needsProgram(program);
        }
        Machine.needs(Machine.isRoot() || Machine.program("fakeroot").isPresent(), "root or fakeroot");
    }

    private static boolean isDebian() {
        try (Stream<String> lines = Files.lines(Path.of("/etc/os-release"))) {
            return lines.anyMatch("ID=debian"::equals);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Boots it, and runs a script of src/test/guest in it to its end. What it leaves stays in target/guest.
     *
     * @param kernelWords more of them
     * @param script with its arguments
     */
    static Guest run(String name, String kernelWords, String script) throws IOException {
        return run(name, kernelWords, script, in -> {});
    }

    /**
     * The same with more in it.
     *
     * @param bring puts it into the directory that is {@code /in} there
     */
    static Guest run(String name, String kernelWords, String script, Consumer<Path> bring) throws IOException {
        Path repository = Machine.repository();
        Path scratch = repository.resolve("integration-tests/target/guest").resolve(name);
        Command.succeed("rm", "-rf", scratch.toString());
        Path here = repository.resolve("integration-tests/src/test/guest");
        Path in = Files.createDirectories(scratch.resolve("in"));
        Path agent = repository.resolve("agent/target");
        link(in.resolve("agent/plumbline-agent.jar"), agent.resolve("plumbline-agent.jar"));
        link(in.resolve("agent/lib"), agent.resolve("lib"));
        link(in.resolve("agent/native"), agent.resolve("native"));
        link(in.resolve("agent/helpers"), repository.resolve("native-helpers/target/native/linux-x86-64"));
        link(in.resolve("seed"), here.resolveSibling("resources/guest/seed"));
        SCRIPTS.forEach(each -> link(in.resolve(each), here.resolve(each)));
        linkTests(in.resolve("rig"), here, scratch);
        ServerCertificate certificate = ServerCertificate.make(Files.createDirectories(scratch.resolve("certificate")));
        link(in.resolve("certificate"), certificate.certificate().resolveSibling(""));
        bring.accept(in);
        // Without it all starts take three times as long: not worth a failure.
        Command classes = Command.run(
                BUILD_LIMIT,
                List.of(
                        here.resolve("classes").toString(),
                        agent.toString(),
                        repository.resolve("docker/classes.list").toString(),
                        in.resolve("agent.jsa").toString()));
        if (classes.status() != 0) {
            System.out.println("no archive of classes for the guest: " + classes.errors());
        }
        Path out = Files.createDirectories(scratch.resolve("out"));
        Command command = Command.run(
                LIMIT.plusMinutes(2),
                List.of(
                        here.resolve("run").toString(),
                        "-a",
                        kernelWords,
                        "-i",
                        in.toString(),
                        "-o",
                        out.toString(),
                        "-t",
                        Long.toString(LIMIT.toSeconds()),
                        "sh /in/" + script));
        Guest guest = new Guest(out);
        if (command.status() != 0) {
            throw new AssertionError("status " + command.status() + ": " + command.arguments() + "\n" + command.errors()
                    + "\n" + guest.everything());
        }
        System.out.println(guest.text("stdout.log"));
        return guest;
    }

    /** The classes of these tests with what they need beside the agent's libraries, and the program of the test containers. */
    private static void linkTests(Path rig, Path here, Path scratch) {
        link(rig.resolve("classes"), here.resolveSibling("../../target/test-classes"));
        link(rig.resolve("plumbline"), here.resolve("launcher"));
        link(rig.resolve("workload"), Image.workload(scratch));
        for (Class<?> one : List.of(
                Assertions.class,
                Awaitility.class,
                Matcher.class,
                Assumptions.class,
                TestAbortedException.class,
                ReflectionUtils.class,
                ByteBuddy.class)) {
            Path jar = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().getPath());
            link(rig.resolve("lib").resolve(jar.getFileName()), jar);
        }
    }

    /** What a step left, without the last line break. */
    String text(String file) {
        try {
            return Files.readString(out.resolve(file)).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is not there; all there is:\n" + everything(), e);
        }
    }

    JsonNode json(String file) {
        try {
            return new ObjectMapper().readTree(text(file));
        } catch (JsonProcessingException e) {
            throw new AssertionError(file + ": " + text(file) + "\n" + everything(), e);
        }
    }

    /** The exit status of a command that the script kept. */
    int status(String name) {
        return Integer.parseInt(text(name + ".status"));
    }

    /** The steps with their times, and the console, for whoever has to find out why something is not there. */
    String everything() {
        StringBuilder all = new StringBuilder();
        for (String file : List.of("stdout.log", "serial.log", "commands.log", "serve.log", "drift.log")) {
            Path path = out.resolve(file);
            if (Files.exists(path)) {
                try (Stream<String> lines = Files.lines(path)) {
                    all.append("== ").append(file).append('\n');
                    List<String> kept = lines.toList();
                    kept.subList(Math.max(0, kept.size() - 60), kept.size())
                            .forEach(line -> all.append(line).append('\n'));
                } catch (IOException e) {
                    all.append(e).append('\n');
                }
            }
        }
        return all.toString();
    }

    private static void link(Path link, Path target) {
        if (!Files.exists(target)) {
            throw new AssertionError(target + " is not there: the packaged agent is built by ./mvnw package");
        }
        try {
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, target.toAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
