package io.plumbline.serve;

import java.time.Duration;

/** A thread that hears something of the kernel, until it is to end. */
final class HearingThread implements AutoCloseable {

    /** As long as this a close waits for somebody who hears nothing, and what is wanted of him anew. */
    static final Duration LONGEST_WAIT = Duration.ofMillis(200);

    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private final Thread thread;
    private final Gathering gathering = new Gathering(System::nanoTime);
    private volatile boolean ending;

    /** @param work hears while {@link #goesOn}, and never waits longer than {@link #LONGEST_WAIT} */
    HearingThread(String name, Work work) {
        thread = new Thread(
                () -> {
                    try {
                        work.hear();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isBegun() {
        return thread.getState() != Thread.State.NEW;
    }

    boolean goesOn() {
        return !ending;
    }

    /**
     * After something was heard: waits for more, if there is much. Its own thread only.
     *
     * @param count of how much
     */
    void gather(int count) throws InterruptedException {
        Duration pause = gathering.pause(count);
        if (!pause.isZero()) {
            Thread.sleep(pause.toMillis());
        }
    }

    @Override
    public void close() {
        ending = true;
        try {
            thread.join(LONGEST_END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @FunctionalInterface
    interface Work {
        void hear() throws InterruptedException;
    }
}
