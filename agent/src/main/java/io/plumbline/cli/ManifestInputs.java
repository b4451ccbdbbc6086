package io.plumbline.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What the user named as manifests: files, directories of files, and {@code -} for standard input. */
final class ManifestInputs {

    private static final String STANDARD_INPUT = "-";
    private static final Pattern MANIFEST = Pattern.compile("(?i).+\\.(yaml|yml|json)");

    private ManifestInputs() {}

    /**
     * One thing to read.
     *
     * @param name as the user named it, or below the directory that the user named
     * @param path empty for standard input, and where there is a problem
     * @param problem why it is not there to be read
     */
    record Input(String name, Optional<Path> path, Optional<String> problem) {}

    /** Directories become their files with manifests' names, in the order of their paths. */
    static List<Input> of(List<String> names) {
        if (names.stream().filter(STANDARD_INPUT::equals).count() > 1) {
            throw new UsageException("'-' can be read only once; leave the others out");
        }
        List<Input> inputs = new ArrayList<>();
        for (String name : names) {
            if (name.equals(STANDARD_INPUT)) {
                inputs.add(new Input(name, Optional.empty(), Optional.empty()));
            } else {
                add(name, inputs);
            }
        }
        return inputs;
    }

    private static void add(String name, List<Input> inputs) {
        try {
            Path path = Path.of(name);
            if (!Files.isDirectory(path)) {
                inputs.add(file(name, path));
                return;
            }
            Below below = new Below();
            Files.walkFileTree(path, below);
            if (below.found.isEmpty()) {
                below.found.put(path, problem(name, "no *.yaml, *.yml or *.json in this directory"));
            }
            inputs.addAll(below.found.values());
        } catch (InvalidPathException e) {
            inputs.add(problem(name, "no name of a file: " + e.getReason()));
        } catch (IOException e) {
            inputs.add(problem(name, "cannot list this directory: " + e.getMessage()));
        }
    }

    /** Collects the manifests below a directory, and what there could not be listed. */
    private static final class Below extends SimpleFileVisitor<Path> {
        private final Map<Path, Input> found = new TreeMap<>();

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            // A link may lead to a file; a pipe would be waited for.
            if (MANIFEST.matcher(String.valueOf(file.getFileName())).matches() && Files.isRegularFile(file)) {
                found.put(file, file(file.toString(), file));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            String why = failure instanceof AccessDeniedException ? "permission denied (EACCES)" : failure.getMessage();
            found.put(file, problem(file.toString(), "cannot list this directory: " + why));
            return FileVisitResult.CONTINUE;
        }
    }

    private static Input file(String name, Path path) {
        return new Input(name, Optional.of(path), Optional.empty());
    }

    private static Input problem(String name, String problem) {
        return new Input(name, Optional.empty(), Optional.of(problem));
    }
}
