package io.plumbline.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A host's root directory with what runtimes keep on it, made by a test. */
final class FakeHost {

    /** A container's id as containerd, CRI-O, Docker and podman make them. */
    static final String ID = "8027ef43da0b37de998a718d65a0889085ecfd2c434925787c84b52d87e9fff9";

    static final String OTHER_ID = "0033315f7993fba9845152eb76525180d7120fea859f464799c7ce0419fb5913";

    private final Path root;
    private final List<Path> links = new ArrayList<>();

    FakeHost(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    FakeHost file(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return this;
    }

    FakeHost remove(String path) throws IOException {
        try (Stream<Path> all = Files.walk(root.resolve(path.substring(1)))) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
        return this;
    }

    FakeHost link(String path, String target) throws IOException {
        Path link = root.resolve(path.substring(1));
        Files.createDirectories(link.getParent());
        links.add(Files.createSymbolicLink(link, Path.of(target)));
        return this;
    }

    /** Before JUnit deletes the directory: it warns of links that lead out of it. */
    void removeLinks() throws IOException {
        for (Path link : links) {
            Files.delete(link);
        }
    }

    /** A bundle's config.json as short as one may be. */
    static String config(String annotations) {
        return config(annotations, "");
    }

    static String config(String annotations, String mounts) {
        return """
                {"ociVersion": "1.0.2-dev",
                 "process": {"user": {"uid": 0, "gid": 0}, "args": ["sh"], "env": ["SECRET=x"], "cwd": "/"},
                 "root": {"path": "rootfs"}, "mounts": [%s], "annotations": {%s},
                 "linux": {"namespaces": [{"type": "mount"}]}}
                """.formatted(mounts, annotations);
    }
}
