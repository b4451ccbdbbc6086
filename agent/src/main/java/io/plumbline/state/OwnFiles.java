package io.plumbline.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files in a directory of the agent's own, which nobody else reads and which are whole whenever the agent or the machine dies. */
public final class OwnFiles {

    private OwnFiles() {}

    /**
     * Opens a file that is there to be locked. It is made if it is not there, and so is the directory.
     *
     * @throws IOException if it cannot be had; the message need not name it
     */
    public static FileChannel lockFile(Path directory, String name) throws IOException {
        // Also a link to a directory is one; createDirectories alone refuses it.
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return FileChannel.open(directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /**
     * Replaces a file as a whole: written aside, fsync(2), rename(2), fsync(2) of the directory.
     *
     * @param name also that of the file aside, with {@code .new} behind it
     * @throws IOException if it cannot be written: what was there before is there still; the message need not name the file
     */
    public static void replace(Path directory, String name, byte[] content) throws IOException {
        Path aside = directory.resolve(name + ".new");
        // A leftover of an agent that died in the middle may have any form.
        Files.deleteIfExists(aside);
        try (FileChannel out = FileChannel.open(
                aside,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(aside, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
