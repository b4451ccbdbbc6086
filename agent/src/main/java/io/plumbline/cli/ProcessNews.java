package io.plumbline.cli;

import io.plumbline.kernel.ProcRoot;
import io.plumbline.kernel.ProcessEvents;
import io.plumbline.model.EventBatch;
import io.plumbline.serve.EventSource;
import io.plumbline.serve.Hearing;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/** The kernel's events, as the loop hears them. */
final class ProcessNews implements EventSource {

    private final ProcessEvents events;

    private ProcessNews(ProcessEvents events) {
        this.events = events;
    }

    /**
     * Begins to listen to processes and mounts, if there is somebody to listen to; a refusal goes to the log, and the loop goes on without.
     *
     * @param live this is a running system's {@code /proc}, and no captured tree
     */
    static Hearing of(ProcRoot root, boolean live) {
        if (!live) {
            return Hearing.NOTHING;
        }
        MountNews mounts = new MountNews(root);
        try {
            return Hearing.of(new ProcessNews(ProcessEvents.of(root))).and(mounts);
        } catch (IOException e) {
            LoggerFactory.getLogger(ProcessNews.class)
                    .warn("changes between scans are not seen at once: {}", e.getMessage());
            return Hearing.refused(String.valueOf(e.getMessage())).and(mounts);
        }
    }

    @Override
    public EventBatch next(Duration longest) throws IOException {
        return events.next(longest);
    }

    @Override
    public void close() {
        events.close();
    }
}
