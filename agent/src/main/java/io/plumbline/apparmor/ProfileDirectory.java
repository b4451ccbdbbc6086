package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import io.plumbline.state.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * A directory of profiles: {@code *.toml} in bane's language, everything else in AppArmor's.
 *
 * <p>A mounted ConfigMap is one: its names are links through {@code ..data}, which the kubelet turns to a new directory in one rename(2)
 * (pkg/volume/util/atomic_writer.go). So {@code ..data} is looked up once, and all files are read from where it led: never half of an
 * update.
 */
public final class ProfileDirectory implements ProfileSupply {

    /** No profile is larger. */
    public static final int LARGEST_FILE = 8 << 20;

    private static final String CURRENT = "..data";
    private static final int MOST_FILES = 5000;
    private static final int TRIES = 20;

    /** What editors and package managers leave. */
    private static final Set<String> LEFTOVERS =
            Set.of("~", ".swp", ".bak", ".orig", ".rej", ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".rpmnew", ".rpmsave");

    private final Path directory;

    public ProfileDirectory(Path directory) {
        this.directory = directory;
    }

    @Override
    public String place() {
        return directory.toString();
    }

    /**
     * Reads it once.
     *
     * @throws IOException if the directory itself cannot be read, which says nothing of what is wanted; one line
     */
    @Override
    public Contents read() throws IOException {
        for (int i = 1; ; i++) {
            try {
                Path place = current();
                Contents contents = readFrom(place);
                if (place.equals(current()) || i == TRIES) {
                    return contents;
                }
            } catch (NoSuchFileException | NotDirectoryException e) {
                // The kubelet has removed the old directory under our eyes; the new one is in place by then.
                if (i == TRIES || !Files.isDirectory(directory)) {
                    throw new IOException("cannot be read: " + Trouble.of(e), e);
                }
            } catch (IOException e) {
                throw new IOException("cannot be read: " + Trouble.of(e), e);
            }
        }
    }

    private Path current() throws IOException {
        Path data = directory.resolve(CURRENT);
        return Files.isSymbolicLink(data) ? directory.resolve(Files.readSymbolicLink(data)) : directory;
    }

    private Contents readFrom(Path place) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place)) {
            for (Path entry : entries) {
                if (isProfile(entry.getFileName().toString()) && !Files.isDirectory(entry)) {
                    files.add(entry);
                }
            }
        }
        if (files.size() > MOST_FILES) {
            throw new FileSystemException(place.toString(), null, "more than " + MOST_FILES + " files");
        }
        Collections.sort(files);
        List<ProfileSource> sources = new ArrayList<>();
        List<ProfileError> errors = new ArrayList<>();
        for (Path file : files) {
            String origin = directory.resolve(file.getFileName()).toString();
            try {
                sources.add(ProfileSource.of(origin, bytes(file)));
            } catch (NoSuchFileException e) {
                if (!Files.isDirectory(place)) {
                    throw e;
                }
                errors.add(new ProfileError(origin, 0, 0, "cannot be read: " + Trouble.of(e)));
            } catch (IOException e) {
                errors.add(new ProfileError(origin, 0, 0, "cannot be read: " + Trouble.of(e)));
            }
        }
        // A file that cannot be read may hold what is loaded.
        return new Contents(sources, errors, errors.isEmpty());
    }

    private static byte[] bytes(Path file) throws IOException {
        if (!Files.isRegularFile(file) && Files.exists(file)) {
            throw new FileSystemException(file.toString(), null, "is no regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new FileSystemException(file.toString(), null, "is larger than " + (LARGEST_FILE >> 20) + " MiB");
            }
            return bytes;
        }
    }

    private static boolean isProfile(String name) {
        return !name.startsWith(".")
                && !name.startsWith("#")
                && LEFTOVERS.stream().noneMatch(name::endsWith);
    }
}
