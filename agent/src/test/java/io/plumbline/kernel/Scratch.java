package io.plumbline.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A directory for one test. JUnit's own would warn of every link that leads out of it, which in a tree of a node all do. */
record Scratch(Path directory) implements AutoCloseable {

    Scratch() {
        this(make(Path.of(System.getProperty("java.io.tmpdir"))));
    }

    /** In a given directory. */
    static Scratch in(Path parent) {
        return new Scratch(make(parent));
    }

    private static Path make(Path parent) {
        try {
            return Files.createTempDirectory(parent, "plumbline");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
