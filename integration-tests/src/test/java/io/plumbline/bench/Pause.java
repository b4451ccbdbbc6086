package io.plumbline.bench;

import java.util.concurrent.TimeUnit;

/** Waits. */
final class Pause {

    private Pause() {}

    static void of(TimeUnit unit, long time) throws BenchException {
        try {
            unit.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }
}
