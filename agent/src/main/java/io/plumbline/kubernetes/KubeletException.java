package io.plumbline.kubernetes;

import java.io.Serial;

/**
 * The declared side could not be had. The message is one line for the user: what, on what, what was found, what to do. It holds
 * no control characters, whatever the other side sent.
 */
public final class KubeletException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    KubeletException(String message) {
        super(Excerpt.line(message));
    }

    KubeletException(String message, Throwable cause) {
        super(Excerpt.line(message), cause);
    }
}
