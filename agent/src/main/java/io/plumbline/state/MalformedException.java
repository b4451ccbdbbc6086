package io.plumbline.state;

import java.io.Serial;

/** Not what {@link StateJson} writes. */
final class MalformedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
        super(message);
    }

    MalformedException(String message, Throwable cause) {
        super(message, cause);
    }
}
