package io.plumbline.bench;

/** The benchmark cannot go on; the message is one line for the user. */
final class BenchException extends Exception {

    private static final long serialVersionUID = 1;

    BenchException(String message) {
        super(message);
    }
}
