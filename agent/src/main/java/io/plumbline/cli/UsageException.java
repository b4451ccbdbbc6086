package io.plumbline.cli;

import java.io.Serial;
import java.util.List;

/**
 * The user asked for something that cannot be done. Each message is one line that says what, and what to do; the command's name is set
 * before it.
 */
final class UsageException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // made by List.of
    private final List<String> messages;

    UsageException(String message) {
        this(List.of(message));
    }

    /** @param messages at least one */
    UsageException(List<String> messages) {
        super(String.join("; ", messages));
        this.messages = List.copyOf(messages);
    }

    List<String> messages() {
        return messages;
    }
}
