package io.plumbline.serve;

import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** Hears of living processes that come into another cgroup, on a thread of its own. */
final class CgroupListener implements AutoCloseable {

    private final Optional<CgroupSource> source;
    private final Changes changes;
    private final InstantSource clock;
    private final Runnable news;
    private final HearingThread thread = new HearingThread("cgroups", this::hear);

    /** @param news told whenever {@code changes} holds something */
    CgroupListener(Optional<CgroupSource> source, Changes changes, InstantSource clock, Runnable news) {
        this.source = source;
        this.changes = changes;
        this.clock = clock;
        this.news = news;
    }

    void start() {
        if (source.isPresent()) {
            thread.start();
        }
    }

    private void hear() throws InterruptedException {
        try (CgroupSource heard = source.orElseThrow()) {
            while (thread.goesOn()) {
                Set<Integer> came = heard.next(HearingThread.LONGEST_WAIT);
                if (!came.isEmpty()) {
                    changes.addMoved(came, clock.instant());
                    if (changes.isDue()) {
                        news.run();
                    }
                    thread.gather(came.size());
                }
            }
        }
    }

    @Override
    public void close() {
        thread.close();
        source.filter(heard -> !thread.isBegun()).ifPresent(CgroupSource::close);
    }
}
