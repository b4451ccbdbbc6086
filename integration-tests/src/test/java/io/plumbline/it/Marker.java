package io.plumbline.it;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers of seconds to sleep, each used once: a process started with one can be found by it. */
final class Marker {
    private static final AtomicLong LAST =
            new AtomicLong(7_000_000_000L + ProcessHandle.current().pid() * 1000);

    private Marker() {}

    static String next() {
        return Long.toString(LAST.incrementAndGet());
    }
}
