package io.plumbline.kubernetes;

import java.io.Serial;

/**
 * The declared side could not be had. The message is one line for the user: on what (a file or an address), what was found, what to
 * do. It holds no control characters, whatever the other side sent.
 */
public class KubeletException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final String problem;

    KubeletException(String source, String problem) {
        super(Excerpt.line(source + ": " + problem));
        this.problem = Excerpt.line(problem);
    }

    KubeletException(String source, String problem, Throwable cause) {
        super(Excerpt.line(source + ": " + problem), cause);
        this.problem = Excerpt.line(problem);
    }

    /** The message without the file or address that it begins with. */
    public String problem() {
        return problem;
    }
}
