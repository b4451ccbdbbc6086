package io.plumbline.kubernetes;

import java.io.Serial;

/** We are known there, and may not ask this. */
final class ForbiddenException extends RefusedException {

    @Serial
    private static final long serialVersionUID = 1;

    ForbiddenException(String source, String problem) {
        super(source, problem);
    }
}
