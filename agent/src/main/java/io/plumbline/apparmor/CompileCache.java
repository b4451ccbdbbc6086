package io.plumbline.apparmor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compiled policy by what it was compiled from: the text, all that it includes, the parser and the kernel's features. A file that was
 * damaged does not have the hash that stands at its beginning, and counts as none. Trouble with it costs time, nothing else.
 */
public final class CompileCache {

    private static final int HASH_BYTES = 32;
    private static final int MOST_FILES = 2000;
    private static final String ENDING = ".policy";

    private final Path directory;

    private CompileCache(Path directory) {
        this.directory = directory;
    }

    /**
     * In a directory of the agent's own, which is made if it is not there.
     *
     * @throws IOException if it cannot be made
     */
    public static CompileCache in(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new CompileCache(directory);
    }

    /** A name for what these parts make. */
    static String key(String... parts) {
        StringBuilder all = new StringBuilder();
        for (String part : parts) {
            all.append(part.length()).append(':').append(part);
        }
        return hash(all.toString());
    }

    static String hash(String text) {
        return HexFormat.of().formatHex(sha256(text.getBytes(StandardCharsets.UTF_8)));
    }

    Optional<byte[]> get(String key) {
        Path file = directory.resolve(key + ENDING);
        try {
            byte[] all = Files.readAllBytes(file);
            byte[] policy = Arrays.copyOfRange(all, Math.min(HASH_BYTES, all.length), all.length);
            if (all.length <= HASH_BYTES || !Arrays.equals(sha256(policy), Arrays.copyOf(all, HASH_BYTES))) {
                return Optional.empty();
            }
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return Optional.of(policy);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void put(String key, byte[] policy) {
        Path aside = directory.resolve(key + ".new");
        try {
            Files.deleteIfExists(aside);
            try (FileChannel out = FileChannel.open(
                    aside,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                for (ByteBuffer bytes : List.of(ByteBuffer.wrap(sha256(policy)), ByteBuffer.wrap(policy))) {
                    while (bytes.hasRemaining()) {
                        out.write(bytes);
                    }
                }
            }
            Files.move(aside, directory.resolve(key + ENDING), StandardCopyOption.ATOMIC_MOVE);
            forgetOldest();
        } catch (IOException e) {
            // A full disk: it will be compiled again.
        }
    }

    private void forgetOldest() throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(directory)) {
            files = entries.toList();
        }
        if (files.size() <= MOST_FILES) {
            return;
        }
        List<Path> oldest = files.stream()
                .sorted(Comparator.comparing(file -> file.toFile().lastModified()))
                .limit(files.size() - MOST_FILES / 2)
                .toList();
        for (Path file : oldest) {
            Files.deleteIfExists(file);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
