package io.plumbline.apparmor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files that a profile's text includes, as the parser finds them below its folder. What cannot be read is left to the parser to say. */
final class Includes {

    private static final Pattern INCLUDE =
            Pattern.compile("(?m)^\\s*#?include\\s+(?:if\\s+exists\\s+)?[<\"]([^>\"]+)[>\"]");
    private static final int MOST_FILES = 500;
    private static final long LARGEST = 1 << 20;

    private final Path base;
    private final Set<Path> seen = new LinkedHashSet<>();
    private final StringBuilder collected = new StringBuilder();

    private Includes(Path base) {
        this.base = base;
    }

    /**
     * The text of all of them, one after the other.
     *
     * @param base the parser's folder, usually {@code /etc/apparmor.d}
     */
    static String textOf(Path base, String source) {
        Includes includes = new Includes(base);
        includes.follow(source);
        return includes.collected.toString();
    }

    private void follow(String text) {
        Matcher include = INCLUDE.matcher(text);
        while (include.find()) {
            Path file = base.resolve(include.group(1)).normalize();
            if (file.startsWith(base)) {
                take(file);
            }
        }
    }

    private void take(Path file) {
        if (seen.size() >= MOST_FILES || !seen.add(file)) {
            return;
        }
        try {
            if (Files.isDirectory(file)) {
                children(file).forEach(this::take);
            } else if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                collected.append(file).append('\n').append(text).append('\n');
                follow(text);
            }
        } catch (IOException e) {
            collected.append(file).append(": cannot be read\n");
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(children::add);
        }
        Collections.sort(children);
        return children;
    }
}
