package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A machine of its own under QEMU, with AppArmor and cgroup v2, and the packaged agent in it; see src/test/guest/README.md. */
final class Guest {
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private final Path out;

    private Guest(Path out) {
        this.out = out;
    }

    /** Skips the calling test where no such machine can be made or booted. */
    static void needsGuest() {
        Machine.needs(System.getProperty("os.arch").equals("amd64"), "an x86-64 machine: the guest is one");
        Machine.needs(isDebian(), "Debian: the guest is made of its packages");
        for (String program : List.of("qemu-system-x86_64", "mkfs.ext4", "cpio", "apt-get", "dpkg-deb", "flock")) {
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

    /** Boots it, and runs this script of src/test/guest in it to its end. */
    static Guest run(String script, Path scratch) throws IOException {
        Path repository = Machine.repository();
        Path in = Files.createDirectories(scratch.resolve("in"));
        Path agent = repository.resolve("agent/target");
        link(in.resolve("agent/plumbline-agent.jar"), agent.resolve("plumbline-agent.jar"));
        link(in.resolve("agent/lib"), agent.resolve("lib"));
        link(in.resolve("agent/native"), agent.resolve("native"));
        link(in.resolve("agent/helpers"), repository.resolve("native-helpers/target/native/linux-x86-64"));
        Path here = repository.resolve("integration-tests/src/test");
        link(in.resolve("seed"), here.resolve("resources/guest/seed"));
        link(in.resolve(script), here.resolve("guest").resolve(script));
        Path out = Files.createDirectories(scratch.resolve("out"));
        Command command = Command.run(
                LIMIT,
                List.of(
                        here.resolve("guest/run").toString(),
                        "-i",
                        in.toString(),
                        "-o",
                        out.toString(),
                        "-t",
                        Long.toString(LIMIT.minusMinutes(3).toSeconds()),
                        "sh /in/" + script));
        Guest guest = new Guest(out);
        if (command.status() != 0) {
            throw new AssertionError("status " + command.status() + ": " + command.arguments() + "\n" + command.errors()
                    + "\n" + guest.everything());
        }
        return guest;
    }

    /** What a step left, without the last line break. */
    String text(String file) {
        try {
            return Files.readString(out.resolve(file)).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is not there; all there is:\n" + everything(), e);
        }
    }

    /** The exit status of a command that the script kept. */
    int status(String name) {
        return Integer.parseInt(text(name + ".status"));
    }

    /** The steps with their times, and the console, for whoever has to find out why something is not there. */
    String everything() {
        StringBuilder all = new StringBuilder();
        for (String file : List.of("stdout.log", "serial.log", "serve.log")) {
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

    private static void link(Path link, Path target) throws IOException {
        if (!Files.exists(target)) {
            throw new AssertionError(target + " is not there: the packaged agent is built by ./mvnw package");
        }
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, target.toAbsolutePath());
    }
}
