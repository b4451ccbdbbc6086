package io.plumbline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Texts that a test compares as a whole, kept in {@code src/test/resources/golden}.
 *
 * <p>{@code ./mvnw -pl agent -Dtest='*Golden*' -Dgolden.write=true test} writes them again; read the difference before you commit it.
 */
public final class Golden {

    private static final Path DIRECTORY = Path.of("src/test/resources/golden");
    private static final int CONTEXT = 3;
    private static final int SHOWN = 60;

    private Golden() {}

    /** Fails with the lines that differ, unless the text is the kept one. */
    public static void assertKept(String name, String text) {
        Path file = DIRECTORY.resolve(name);
        try {
            if (Boolean.getBoolean("golden.write")) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
                return;
            }
            String kept = Files.exists(file) ? Files.readString(file) : "";
            if (!kept.equals(text)) {
                throw new AssertionError(file + " differs (- kept, + now); -Dgolden.write=true writes it again\n"
                        + difference(kept.lines().toList(), text.lines().toList()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By the longest common subsequence, as diff(1) has it, with a few lines around each difference. */
    static String difference(List<String> kept, List<String> now) {
        int start = 0;
        while (start < Math.min(kept.size(), now.size()) && kept.get(start).equals(now.get(start))) {
            start++;
        }
        int end = 0;
        while (end < Math.min(kept.size(), now.size()) - start
                && kept.get(kept.size() - 1 - end).equals(now.get(now.size() - 1 - end))) {
            end++;
        }
        List<String> one = kept.subList(start, kept.size() - end);
        List<String> other = now.subList(start, now.size() - end);
        int[][] common = new int[one.size() + 1][other.size() + 1];
        for (int i = one.size() - 1; i >= 0; i--) {
            for (int j = other.size() - 1; j >= 0; j--) {
                common[i][j] = Objects.equals(one.get(i), other.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        StringBuilder text = new StringBuilder();
        kept.subList(Math.max(0, start - CONTEXT), start)
                .forEach(line -> text.append("  ").append(line).append('\n'));
        int shown = 0;
        int i = 0;
        int j = 0;
        int line = start + 1;
        while ((i < one.size() || j < other.size()) && shown < SHOWN) {
            if (i < one.size() && j < other.size() && one.get(i).equals(other.get(j))) {
                i++;
                j++;
            } else if (i < one.size() && (j == other.size() || common[i + 1][j] >= common[i][j + 1])) {
                text.append(line + i).append(" - ").append(one.get(i++)).append('\n');
                shown++;
            } else {
                text.append(line + i).append(" + ").append(other.get(j++)).append('\n');
                shown++;
            }
        }
        return i < one.size() || j < other.size()
                ? text.append("... and more\n").toString()
                : text.toString();
    }
}
