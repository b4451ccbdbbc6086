package io.plumbline.state;

import io.plumbline.model.OpenFinding;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code findings.json} in the agent's own directory. It is replaced as a whole, so whenever the agent or the machine dies, the file
 * is the old one or the new one.
 *
 * <p>One agent at a time writes: the directory is locked by the one that keeps its state there. Another one, such as the next release while
 * this one ends, may read, and writes as soon as nobody else does. A lock on a file that is gone holds nobody off, so when the directory
 * was removed or another one is in its place, the next write makes it and locks it as at the start.
 */
public final class StateFile implements AutoCloseable {

    /** Far beyond what a node can have: 250 pods, each out of true in all respects. */
    static final int MOST_FINDINGS = 10_000;

    /** What is larger was not written by us. */
    static final int MOST_BYTES = 16 << 20;

    private static final String NAME = "findings.json";
    private static final String BAD = NAME + ".bad";

    private final Path directory;
    private Lock lock;
    private boolean isOurs;

    private StateFile(Path directory, Lock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes the directory, which is made if it is not there; where another agent has it, later.
     *
     * @throws IOException if it cannot be had: the message names the directory and says why
     */
    public static StateFile in(Path directory) throws IOException {
        StateFile file = new StateFile(directory, Lock.in(directory));
        try {
            file.take();
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return file;
    }

    /** Is it ours, or can it be had now? */
    private boolean take() throws IOException {
        if (isOurs) {
            return true;
        }
        try {
            isOurs = lock.channel().tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // In this very process: the same as in another.
        } catch (IOException e) {
            throw new IOException(directory + ": cannot be locked: " + Trouble.of(e), e);
        }
        return isOurs;
    }

    /**
     * What was remembered. A file that we did not write is moved aside, under the same name with {@code .bad}, and remembered is nothing.
     *
     * @throws IOException if there is a file and it cannot be read or moved
     */
    public Memory read() throws IOException {
        Path file = directory.resolve(NAME);
        String trouble;
        try {
            long size = Files.size(file);
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                trouble = "no regular file";
            } else if (size > MOST_BYTES) {
                trouble = "too large, " + size + " bytes";
            } else {
                StateJson.Contents contents = StateJson.read(Files.readAllBytes(file));
                return new Memory(contents.open(), contents.trouble().map(what -> file + ": " + what));
            }
        } catch (NoSuchFileException e) {
            return new Memory(List.of(), Optional.empty());
        } catch (MalformedException e) {
            trouble = String.valueOf(e.getMessage());
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read: " + Trouble.of(e), e);
        }
        if (!take()) {
            return new Memory(List.of(), Optional.of(file + ": " + trouble + "; starting afresh"));
        }
        Path aside = directory.resolve(BAD);
        Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return new Memory(
                List.of(), Optional.of(file + ": " + trouble + "; starting afresh, and keeping it as " + aside));
    }

    /**
     * Nobody else keeps anything there from now on.
     *
     * @throws IOException if another agent does
     */
    public void claim() throws IOException {
        if (!take()) {
            throw new IOException(directory + ": another plumbline serve keeps its state there");
        }
    }

    /** Makes and locks the directory anew where it is not the one that was locked; true if so. */
    private boolean takeAnew() throws IOException {
        if (lock.isIn(directory)) {
            return false;
        }
        Lock next = Lock.in(directory);
        close();
        lock = next;
        isOurs = false;
        return true;
    }

    /**
     * Remembers these, and nothing else. Of more than {@value #MOST_FINDINGS} the worst.
     *
     * @return the directory was removed or replaced since it was locked, and is locked anew
     * @throws IOException if it cannot be written, or another agent keeps its state there; what was remembered before is then still there
     */
    public boolean write(Collection<OpenFinding> open) throws IOException {
        List<OpenFinding> kept = open.stream()
                .sorted(Comparator.comparing(OpenFinding::severity).thenComparing(OpenFinding::id))
                .limit(MOST_FINDINGS)
                .toList();
        boolean anew = takeAnew();
        claim();
        try {
            OwnFiles.replace(directory, NAME, StateJson.write(kept));
        } catch (IOException e) {
            throw new IOException(directory.resolve(NAME) + ": cannot be written: " + Trouble.of(e), e);
        }
        return anew;
    }

    /** The directory. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() {
        try {
            lock.channel().close();
        } catch (IOException e) {
            // The lock ends with the process at the latest, and nothing was to be written to this file.
        }
    }

    /**
     * The file that is locked.
     *
     * @param key tells it from another one of the same name
     */
    private record Lock(FileChannel channel, Object key) {
        private static final String NAME = "lock";

        static Lock in(Path directory) throws IOException {
            FileChannel channel = null;
            try {
                channel = OwnFiles.lockFile(directory, NAME);
                return new Lock(channel, key(directory));
            } catch (IOException e) {
                if (channel != null) {
                    channel.close();
                }
                throw new IOException(directory + ": cannot keep state there: " + Trouble.of(e), e);
            }
        }

        boolean isIn(Path directory) throws IOException {
            try {
                return key(directory).equals(key);
            } catch (NoSuchFileException e) {
                return false;
            } catch (IOException e) {
                throw new IOException(directory + ": cannot keep state there: " + Trouble.of(e), e);
            }
        }

        /** Device and inode. */
        private static Object key(Path directory) throws IOException {
            return Files.readAttributes(directory.resolve(NAME), BasicFileAttributes.class)
                    .fileKey();
        }
    }

    /**
     * What a file holds.
     *
     * @param open as they were when it was written
     * @param trouble one line on a file that could not be used, or not all of it; empty otherwise
     */
    public record Memory(List<OpenFinding> open, Optional<String> trouble) {
        public Memory {
            open = List.copyOf(open);
        }
    }
}
