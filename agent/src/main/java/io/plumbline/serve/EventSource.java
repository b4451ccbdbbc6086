package io.plumbline.serve;

import io.plumbline.model.EventBatch;
import java.io.IOException;
import java.time.Duration;

/** Where the kernel tells of processes. One thread at a time. */
public interface EventSource extends AutoCloseable {

    /** How they are heard, and why not better: {@code ring}, or {@code connector: why}. */
    String backend();

    /**
     * Waits until something happens.
     *
     * @param longest how long to wait; after that nothing has happened
     * @throws IOException if nothing will ever be heard again; the message is one line for the user
     */
    EventBatch next(Duration longest) throws IOException;

    @Override
    void close();
}
