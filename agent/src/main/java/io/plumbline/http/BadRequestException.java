package io.plumbline.http;

import java.io.Serial;

/** The request asks for something that there is not; the message says what, and what there is. */
final class BadRequestException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    BadRequestException(String message) {
        super(message);
    }
}
