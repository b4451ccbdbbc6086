package io.plumbline.kernel;

import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.kernel.bindings.ProcessConnector;
import io.plumbline.model.EventBatch;
import java.io.IOException;
import java.time.Duration;

/** What the kernel tells of processes while they start, change and end. One thread at a time. */
public final class ProcessEvents implements AutoCloseable {

    private final ProcessConnector connector;

    private ProcessEvents(ProcessConnector connector) {
        this.connector = connector;
    }

    /**
     * Begins to listen.
     *
     * @throws IOException if the kernel refuses: the message says why, and which right it takes
     */
    public static ProcessEvents of(ProcRoot root) throws IOException {
        return new ProcessEvents(NativeHelpers.find().connector(root.proc()));
    }

    /**
     * Waits until something happens.
     *
     * @param longest how long to wait; after that nothing has happened
     * @throws IOException if nothing will ever be heard again
     */
    public EventBatch next(Duration longest) throws IOException {
        return connector.next((int) Math.min(Integer.MAX_VALUE, longest.toMillis()));
    }

    @Override
    public void close() {
        connector.close();
    }
}
