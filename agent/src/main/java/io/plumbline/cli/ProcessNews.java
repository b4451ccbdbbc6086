package io.plumbline.cli;

import io.plumbline.kernel.ProcRoot;
import io.plumbline.kernel.ProcessEvents;
import io.plumbline.model.EventBatch;
import io.plumbline.serve.CgroupSource;
import io.plumbline.serve.EventSource;
import io.plumbline.serve.Hearing;
import io.plumbline.serve.MountSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** The kernel's events, as the loop hears them. */
final class ProcessNews implements EventSource {

    private final ProcessEvents events;

    private ProcessNews(ProcessEvents events) {
        this.events = events;
    }

    /**
     * Begins to listen to processes, mounts and cgroups, if there is somebody to listen to; a refusal goes to the log, and the loop goes on
     * without.
     *
     * @param live this is a running system's {@code /proc}, and no captured tree
     * @param programs whether BPF programs may be loaded for it
     */
    static Hearing of(ProcRoot root, boolean live, boolean programs) {
        return live ? processes(root, programs).and(mounts(root), cgroups(root)) : Hearing.NOTHING;
    }

    private static Hearing processes(ProcRoot root, boolean programs) {
        try {
            ProcessEvents events = ProcessEvents.of(root, programs);
            LoggerFactory.getLogger(ProcessNews.class).info("process events come from the {}", events.backend());
            return Hearing.of(new ProcessNews(events));
        } catch (IOException e) {
            LoggerFactory.getLogger(ProcessNews.class)
                    .warn("no process events, changes are seen only by scans: {}", e.getMessage());
            return Hearing.refused(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<MountSource> mounts(ProcRoot root) {
        try {
            return Optional.of(new MountNews(root));
        } catch (IOException e) {
            LoggerFactory.getLogger(ProcessNews.class)
                    .warn("no mount events, changed mounts are seen only by scans: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<CgroupSource> cgroups(ProcRoot root) {
        try {
            return Optional.of(new CgroupNews(root));
        } catch (IOException e) {
            LoggerFactory.getLogger(ProcessNews.class)
                    .warn("no cgroup events, processes that move are seen only by scans: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public String backend() {
        return events.backend();
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
