package io.plumbline.serve;

import io.plumbline.model.DeclaredNode;
import java.io.IOException;

/** Whoever says what is to run on the node. */
@FunctionalInterface
public interface DeclaredSource {

    /**
     * Asks. May take its time; it is never asked again before it has answered.
     *
     * @throws IOException if there is no answer; the message is one line for the user
     */
    DeclaredNode ask() throws IOException;

    /** May it have been started just now, and not know all yet? A kubelet may, a file says what it says. */
    default boolean mayKnowLater() {
        return false;
    }
}
