package io.plumbline.apparmor;

import java.io.Serial;

/** Bytes that are no compiled policy; the message says in what. */
final class MalformedPolicyException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    MalformedPolicyException(String message) {
        super(message);
    }
}
