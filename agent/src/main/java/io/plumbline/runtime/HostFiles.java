package io.plumbline.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The host's files by their path on the host, wherever its root is mounted here. Symbolic links are followed as the host would:
 * an absolute one starts again at the host's root, and nothing leads out of it.
 */
final class HostFiles {

    /** As the kernel: path_resolution(7). */
    private static final int MAX_LINKS = 40;

    private final Path root;

    /** Where directories are here, as this look found them; null where nobody begins looks: then they are found each time. */
    private @Nullable Map<String, Optional<Path>> directories;

    HostFiles(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Until the next one, a directory on the way to files is found once: many of them lie in the same few. */
    void beginLook() {
        directories = new HashMap<>();
    }

    /** A file or directory is there and could not be read. */
    static final class UnreadableException extends Exception {
        @Serial
        private static final long serialVersionUID = 1;

        private final String path;
        private final String why;

        UnreadableException(String path, String why) {
            super(path + ": " + why);
            this.path = path;
            this.why = why;
        }

        String path() {
            return path;
        }

        String why() {
            return why;
        }
    }

    /** The names in a directory in their natural order; empty where there is no such directory. */
    List<String> list(String directory) throws UnreadableException {
        Optional<Place> real = resolve(directory);
        if (real.isEmpty()) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real.get().path())) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw new UnreadableException(directory, e.getMessage() == null ? "EIO" : e.getMessage());
        } catch (IOException e) {
            throw new UnreadableException(directory, why(e));
        }
        Collections.sort(names);
        return names;
    }

    /** The time of a directory, there or not. */
    DirectoryStamp stamp(String directory) throws UnreadableException {
        Path path = resolve(directory).map(Place::path).orElse(root.resolve(directory.substring(1)));
        return DirectoryStamp.of(path.toFile());
    }

    /**
     * A file that is there.
     *
     * @param file as it was asked for
     * @param real where it is here, without any link left in it
     */
    record Found(String file, Path real, Version version) {}

    /**
     * What tells one content of a file from another.
     *
     * @param key device and inode
     */
    record Version(Object key, FileTime modified, long size) {}

    /** A regular file; empty where there is none. Anything else is refused: a pipe would never end. */
    Optional<Found> find(String file) throws UnreadableException {
        Optional<Place> place = resolve(file);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        Path real = place.get().path();
        try {
            BasicFileAttributes attributes = place.get().attributes();
            if (attributes == null) {
                attributes = attributes(real);
            }
            if (!attributes.isRegularFile()) {
                throw new UnreadableException(file, "not a regular file");
            }
            Object key = attributes.fileKey() == null ? real : attributes.fileKey();
            Version version = new Version(key, attributes.lastModifiedTime(), attributes.size());
            return Optional.of(new Found(file, real, version));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UnreadableException(file, why(e));
        }
    }

    /**
     * A whole regular file; empty where there is none.
     *
     * @param limit larger files are refused
     */
    Optional<byte[]> read(String file, int limit) throws UnreadableException {
        Optional<Found> found = find(file);
        return found.isPresent() ? read(found.get(), limit) : Optional.empty();
    }

    /** The same of one that was found; empty where it has vanished since. */
    Optional<byte[]> read(Found found, int limit) throws UnreadableException {
        try (InputStream in = Files.newInputStream(found.real(), LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(limit + 1);
            if (content.length > limit) {
                throw new UnreadableException(found.file(), "larger than " + size(limit));
            }
            return Optional.of(content);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UnreadableException(found.file(), why(e));
        }
    }

    /** The host's own path of a file, without any link left in it; empty where there is nothing. */
    Optional<String> realPath(String path) throws UnreadableException {
        return resolve(path).map(place -> onHost(place.path()));
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Where something of the host is here.
     *
     * @param path without any link left in it
     * @param attributes as they were when it was found; null for one that was not itself looked at
     */
    private record Place(Path path, @Nullable BasicFileAttributes attributes) {}

    /** Empty where there is nothing. */
    private Optional<Place> resolve(String path) throws UnreadableException {
        Map<String, Optional<Path>> known = directories;
        int slash = path.lastIndexOf('/');
        if (known == null || slash <= 0) {
            return resolve(path, root, segments(path));
        }
        String directory = path.substring(0, slash);
        Optional<Path> at = known.get(directory);
        if (at == null) {
            at = resolve(directory).map(Place::path);
            known.put(directory, at);
        }
        return at.isPresent() ? resolve(path, at.get(), List.of(path.substring(slash + 1))) : Optional.empty();
    }

    /** @param from where the way begins, without any link left in it */
    private Optional<Place> resolve(String path, Path from, List<String> way) throws UnreadableException {
        Deque<String> rest = new ArrayDeque<>(way);
        Path at = from;
        BasicFileAttributes found = null;
        int links = 0;
        while (!rest.isEmpty()) {
            String name = rest.pop();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                Path parent = at.getParent();
                at = at.equals(root) || parent == null ? root : parent;
                found = null;
                continue;
            }
            Path next = at.resolve(name);
            try {
                BasicFileAttributes attributes = attributes(next);
                if (!attributes.isSymbolicLink()) {
                    at = next;
                    found = attributes;
                    continue;
                }
                if (++links > MAX_LINKS) {
                    throw new UnreadableException(path, "ELOOP");
                }
                String target = Files.readSymbolicLink(next).toString();
                if (target.startsWith("/")) {
                    at = root;
                    found = null;
                }
                List<String> segments = segments(target);
                for (int i = segments.size() - 1; i >= 0; i--) {
                    rest.push(segments.get(i));
                }
            } catch (NoSuchFileException e) {
                return Optional.empty();
            } catch (AccessDeniedException e) {
                // What cannot be searched is the directory around it.
                throw new UnreadableException(at.equals(root) ? root.toString() : onHost(at), "EACCES");
            } catch (FileSystemException e) {
                if ("Not a directory".equals(e.getReason())) {
                    return Optional.empty();
                }
                throw new UnreadableException(path, why(e));
            } catch (IOException e) {
                throw new UnreadableException(path, why(e));
            }
        }
        return Optional.of(new Place(at, found));
    }

    private static String size(int bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : bytes + " bytes";
    }

    private static List<String> segments(String path) {
        return List.of(path.split("/", -1));
    }

    private String onHost(Path path) {
        return "/" + root.relativize(path);
    }

    /** The errno's name where Java keeps it apart, else the C library's words for it. */
    private static String why(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "EACCES";
        }
        String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
