package io.plumbline.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lines of auditd's {@code audit.log} and of its older ones {@code audit.log.1} and so on, oldest first, each once; and then those that
 * are written later, also after auditd has given the file another number and begun a new one.
 */
final class AuditdLog {

    /** auditd keeps five of 8 MiB, if not told otherwise. */
    private static final int OLDER = 20;

    private static final int PIECE = 64 << 10;
    private static final int TRIES = 10;

    private final Path newest;
    private final LineCutter cutter = new LineCutter(AppArmorEvent.LONGEST_LINE);
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE);
    private @Nullable Opened reading;

    AuditdLog(Path newest) {
        this.newest = newest;
    }

    /** An open file; its key is what stays the same when it gets another name. */
    private record Opened(FileChannel file, Object key) {}

    /**
     * Reads on.
     *
     * @param most bytes
     * @param gap called where something may be missing between two lines
     * @return is this the end, for now?
     * @throws IOException if it cannot be read, or is not there
     */
    boolean read(long most, Consumer<String> lines, Runnable gap) throws IOException {
        if (reading == null) {
            reading = open(this::oldest);
        }
        long left = most;
        while (true) {
            left -= drain(reading.file(), left, lines);
            if (left <= 0) {
                return false;
            }
            if (reading.key().equals(key(newest).orElse(null))) {
                if (reading.file().size() < reading.file().position()) {
                    // Emptied, as by a logrotate that copies and truncates.
                    gap.run();
                    reading.file().position(0);
                    cutter.begin();
                    continue;
                }
                return true;
            }
            // It has another name by now. Until it got that auditd wrote to it.
            left -= drain(reading.file(), left, lines);
            if (left <= 0) {
                return false;
            }
            Optional<Path> next = afterThis(reading.key());
            if (next.isEmpty()) {
                // Somebody removed it, and who knows what was between it and the newest.
                gap.run();
            }
            Path file = next.orElse(newest);
            if (!Files.exists(file)) {
                // auditd is about to make it.
                return true;
            }
            reading.file().close();
            reading = null;
            reading = open(() -> file);
            cutter.begin();
        }
    }

    /** How many bytes it took, not more than there may be. */
    private long drain(FileChannel file, long most, Consumer<String> lines) throws IOException {
        long taken = 0;
        while (taken < most) {
            piece.clear();
            int length = file.read(piece);
            if (length <= 0) {
                break;
            }
            taken += length;
            cutter.feed(piece.flip(), lines);
        }
        return taken;
    }

    /** What was opened is what was looked at, although files change their names meanwhile. */
    private static Opened open(Supplier<Path> which) throws IOException {
        for (int attempt = 0; ; attempt++) {
            Path path = which.get();
            Optional<Object> before = key(path);
            if (before.isEmpty()) {
                // Says why not.
                Files.readAttributes(path, BasicFileAttributes.class);
                throw new IOException("is no regular file");
            }
            FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
            if (before.equals(key(path))) {
                return new Opened(file, before.get());
            }
            file.close();
            if (attempt == TRIES) {
                throw new IOException("is replaced faster than it can be opened");
            }
        }
    }

    private Path named(int age) {
        return age == 0 ? newest : newest.resolveSibling(newest.getFileName() + "." + age);
    }

    private Path oldest() {
        for (int age = OLDER; age > 0; age--) {
            if (key(named(age)).isPresent()) {
                return named(age);
            }
        }
        return newest;
    }

    /** The next newer file; empty if this one is not there any more. */
    private Optional<Path> afterThis(Object key) {
        for (int age = 1; age <= OLDER; age++) {
            if (key(named(age)).equals(Optional.of(key))) {
                return Optional.of(named(age - 1));
            }
        }
        return Optional.empty();
    }

    /** Of a regular file: others may keep a reader waiting. */
    private static Optional<Object> key(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.isRegularFile() ? Optional.ofNullable(attributes.fileKey()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** From the beginning, the next time. */
    void close() {
        if (reading != null) {
            try {
                reading.file().close();
            } catch (IOException e) {
                // It was only read.
            }
            reading = null;
            cutter.begin();
        }
    }
}
