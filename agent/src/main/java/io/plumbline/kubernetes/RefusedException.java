package io.plumbline.kubernetes;

import java.io.Serial;

/** Who was asked has answered, and will answer the same the next time: it is forbidden, or there is no such thing. */
class RefusedException extends KubeletException {

    @Serial
    private static final long serialVersionUID = 1;

    RefusedException(String source, String problem) {
        super(source, problem);
    }
}
