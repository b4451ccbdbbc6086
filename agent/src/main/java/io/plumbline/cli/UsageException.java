package io.plumbline.cli;

import java.io.Serial;

/** The user asked for something that cannot be done; the message is one line that says what, and what to do;
 * the command's name is set before it. */
final class UsageException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
