package io.plumbline.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the tests ask of the machine that they run on. */
final class Machine {
    private Machine() {}

    /** Skips the calling test, with the reason, unless the machine has it. */
    static void needs(boolean present, String what) {
        assumeTrue(present, () -> "needs " + what);
    }

    /** What every test with containers needs. */
    static void needsContainers() {
        needs(isRoot(), "root");
        needs(CgroupTree.ofThisMachine().usable(), "writable cgroups below /sys/fs/cgroup");
        needsProgram("busybox");
        needsProgram("mount");
        needs(!kubeletRuns(), "a machine without a kubelet: it would end the pods that it does not know");
    }

    /** The program's path. */
    static Path needsProgram(String name) {
        Optional<Path> found = program(name);
        needs(found.isPresent(), name + " (a Debian package of that name, or of busybox-static, util-linux, gcc)");
        return found.orElseThrow();
    }

    static Optional<Path> program(String name) {
        return Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1)),
                        Stream.of("/usr/sbin", "/sbin", "/usr/bin", "/bin"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static boolean isRoot() {
        return new Proc(ProcessHandle.current().pid()).ids("Uid").get(1) == 0;
    }

    /** The repository's root: where the launcher is. */
    static Path repository() {
        String given = System.getProperty("plumbline.repository");
        if (given != null) {
            return Path.of(given);
        }
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("mvnw"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new AssertionError("not below the repository, and no -Dplumbline.repository");
            }
        }
        return directory;
    }

    /** The type of the file system that holds this path, such as {@code ext4} or {@code tmpfs}. */
    static String fileSystem(Path path) {
        try {
            return Files.getFileStore(path).type();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean kubeletRuns() {
        return ProcessHandle.allProcesses()
                .map(handle -> Path.of("/proc/" + handle.pid(), "comm"))
                .map(Machine::firstLine)
                .anyMatch(List.of("kubelet", "k3s-server", "k3s-agent")::contains);
    }

    private static String firstLine(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // ended meanwhile
        }
    }
}
