package io.plumbline.serve;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that does what is planned, one thing after the other, each when its time has come. */
final class WorkThread {

    private static final Duration LONGEST_WAIT_FOR_END = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(WorkThread.class);

    private final ScheduledThreadPoolExecutor executor;

    WorkThread(String name) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Nothing once the end has come. What fails is said, and what else is planned is done all the same. Any thread. */
    void plan(Runnable what, Duration pause) {
        try {
            // Never fails and is never cancelled alone.
            ScheduledFuture<?> unused = executor.schedule(() -> run(what), pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("too late", e);
        }
    }

    /**
     * Ends after what is under way, without what is only planned.
     *
     * @return whether that has ended
     */
    boolean end() throws InterruptedException {
        executor.shutdown();
        // No interrupt: it would close the channels under what is nearly done.
        return executor.awaitTermination(LONGEST_WAIT_FOR_END.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run(Runnable what) {
        if (executor.isShutdown()) {
            // The executor would still do what it has not come to though its time has.
            return;
        }
        try {
            what.run();
        } catch (RuntimeException e) {
            LOG.error("this is a bug in plumbline, please report it", e);
        }
    }
}
