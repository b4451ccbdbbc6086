package io.plumbline.kernel;

import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.kernel.bindings.ProcListener;
import io.plumbline.model.EventBatch;
import java.io.IOException;
import java.time.Duration;

/** What the kernel tells of processes while they start, change and end. One thread at a time. */
public final class ProcessEvents implements AutoCloseable {

    private final ProcListener listener;

    private ProcessEvents(ProcListener listener) {
        this.listener = listener;
    }

    /**
     * Begins to listen.
     *
     * @param ring whether BPF programs may be loaded, so that a ring buffer tells of processes at a fraction of the connector's price
     * @throws IOException if the kernel refuses: the message says why, and which right it takes
     */
    public static ProcessEvents of(ProcRoot root, boolean ring) throws IOException {
        return new ProcessEvents(NativeHelpers.find().listener(root.proc(), ring));
    }

    /** How, and why not better: {@code ring}, or {@code connector: this kernel has no ring buffer}. */
    public String backend() {
        return listener.withoutRing().map(why -> "connector: " + why).orElse("ring");
    }

    /**
     * Waits until something happens.
     *
     * @param longest how long to wait; after that nothing has happened
     * @throws IOException if nothing will ever be heard again
     */
    public EventBatch next(Duration longest) throws IOException {
        return listener.next((int) Math.min(Integer.MAX_VALUE, longest.toMillis()));
    }

    @Override
    public void close() {
        listener.close();
    }
}
