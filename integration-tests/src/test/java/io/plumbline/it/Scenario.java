package io.plumbline.it;

import java.util.List;

/** A way in which a running container stops being what its spec says, or only seems to. */
record Scenario(String title, String pod, String container, Injection injection) {
    interface Injection {
        /** Puts the drift in, and says what the next scan must find of it: nothing, where it only seems so. */
        List<Expected> into(Node node, Running pod, Running.Container container);
    }

    List<Expected> inject(Node node) {
        Running running = node.byName().get(pod);
        if (running == null) {
            throw new IllegalArgumentException("no pod " + pod + " for: " + title);
        }
        return injection.into(node, running, running.container(container));
    }
}
