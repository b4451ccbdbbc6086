package io.plumbline.kubernetes;

import java.io.Serial;
import java.util.List;

/**
 * A manifest could not be read. The message is one line without the manifest's name: the line and column where they are known, what
 * is wrong, what to do. It holds no control characters, whatever the manifest holds.
 */
public final class ManifestException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // made by List.of
    private final List<String> problems;

    ManifestException(String problem) {
        this(List.of(problem));
    }

    /** @param problems all that is wrong, at least one */
    ManifestException(List<String> problems) {
        super(Excerpt.line(String.join("; ", problems)));
        this.problems = problems.stream().map(Excerpt::line).toList();
    }

    /**
     * @param line from 1 on
     * @param column in characters, from 1 on
     */
    ManifestException(int line, int column, String problem) {
        this("line " + line + ", column " + column + ": " + problem);
    }

    /** All that is wrong, each such a line. */
    public List<String> problems() {
        return problems;
    }
}
