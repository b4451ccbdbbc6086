package io.plumbline.serve;

/** A look that saw nothing; the message is one line that says why. */
final class LookFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    LookFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
