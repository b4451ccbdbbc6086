package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A directory of the test's own, on a real disk file system, and in it the root directory of the node that the test
 * makes up.
 *
 * <p>The product finds the node's files below {@code --host-root}, while the kernel's mount tables name them from the
 * real root. So the scratch directory appears once more at its own path below the made-up root, and both agree; so does
 * {@code /sys}, which says whether the kernel has AppArmor.
 */
final class Scratch {
    private final Path directory;

    private Scratch(Path directory) {
        this.directory = directory;
    }

    static Scratch make(Undo undo) {
        Path parent = Path.of(System.getProperty("plumbline.it.scratch", "/var/tmp"));
        // Overlay file systems do not stack, and a secret on tmpfs by chance would hide that it should be there.
        String type = Machine.fileSystem(parent);
        Machine.needs(
                !type.equals("overlay") && !type.equals("tmpfs"),
                "a disk file system at " + parent + ", not " + type
                        + "; -Dplumbline.it.scratch=DIR names another place");
        try {
            Path directory = Files.createTempDirectory(parent, "plumbline-it-");
            directory.toFile().setReadable(true, false);
            directory.toFile().setExecutable(true, false);
            undo.add("scratch directory", () -> delete(directory));
            var scratch = new Scratch(directory);
            scratch.showAgain(directory, undo);
            scratch.showAgain(Path.of("/sys"), undo);
            Path security = Path.of("/sys/kernel/security");
            if (Files.isDirectory(security)) {
                scratch.showAgain(security, undo);
            }
            return scratch;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void showAgain(Path source, Undo undo) throws IOException {
        Path again = hostRoot().resolve(source.toString().substring(1));
        Files.createDirectories(again);
        Command.succeed("mount", "--bind", source.toString(), again.toString());
        undo.add("second sight of " + source, () -> Command.succeed("umount", again.toString()));
    }

    Path directory() {
        return directory;
    }

    /** For {@code --host-root}. */
    Path hostRoot() {
        return directory.resolve("host");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            if (mounts.anyMatch(line -> line.contains(" " + directory + "/"))) {
                throw new IOException("not deleted, something is still mounted below it: " + directory);
            }
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
