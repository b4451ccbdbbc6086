package io.plumbline.serve;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose turn it is: scans at their interval, looks between them when there is something to look at, one after the other. */
final class Turns {

    /**
     * What was lost is found by scans: who was too young for the first is judged by the second, this much later, and what only a second
     * one proves by the third.
     */
    private static final Duration PAUSE_BEFORE_CONFIRMING = Duration.ofMillis(2100);

    private static final int CONFIRMING_SCANS = 2;

    private static final Duration LONGEST_WAIT_FOR_END = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

    /** What is done when it is its turn; all by one thread. */
    interface Work {

        /** Looks at everything, and says when it has ({@link Turns#scanned}). */
        void scan();

        /** Looks at what changed. */
        void look();

        /** Has there been a scan that looks can go on from? */
        boolean isBegun();

        /** Was something lost, that only a scan can find? */
        boolean isScanWanted();
    }

    private final Duration interval;
    private final Work work;
    /** For looks that have not begun; while there are any, one is planned or under way. */
    private final AtomicInteger requests = new AtomicInteger();

    private final ScheduledThreadPoolExecutor scanner =
            new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "scan"));

    private final Pace pace = new Pace();
    private boolean confirmingPlanned;
    private int confirmingScans;

    /** @param interval from the start of one scan to the start of the next; one that takes longer is followed by a pause all the same */
    Turns(Duration interval, Work work) {
        this.interval = interval;
        this.work = work;
        scanner.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Starts, with a scan at once. */
    void start() {
        scanner.execute(this::scanAndPlanNext);
    }

    /**
     * Ends after what is under way.
     *
     * @return whether that has ended
     */
    boolean end() throws InterruptedException {
        scanner.shutdown();
        // No interrupt: it would close the channels under a scan that is nearly done.
        return scanner.awaitTermination(LONGEST_WAIT_FOR_END.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Something changed that can be looked at. Any thread. */
    void planLook() {
        if (requests.getAndIncrement() == 0) {
            planNextLook();
        }
    }

    /** As a turn of its own. Any thread. */
    void plan(Runnable what, Duration pause) {
        try {
            // Never fails and is never cancelled alone.
            ScheduledFuture<?> unused = scanner.schedule(what, pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the loop ends", e);
        }
    }

    /**
     * Everything was looked at, whatever else belongs to the turn.
     *
     * @param start {@link System#nanoTime} when that began
     */
    void scanned(long start) {
        pace.scanned(start);
    }

    private void planNextLook() {
        plan(this::lookAndPlanNext, pace.untilLook());
    }

    private void scanAndPlanNext() {
        long start = System.nanoTime();
        try {
            work.scan();
        } catch (RuntimeException e) {
            // Of the audience: the scan's own failures are the scan's.
            sayBug(e);
        } finally {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            Duration pause = interval.minus(took);
            Duration shortest = interval.dividedBy(10);
            plan(this::scanAndPlanNext, pause.compareTo(shortest) < 0 ? shortest : pause);
        }
    }

    private void lookAndPlanNext() {
        int answered = requests.get();
        try {
            if (work.isBegun()) {
                lookBetween();
            }
        } catch (RuntimeException e) {
            sayBug(e);
        }
        // What came meanwhile waits for the pause to end.
        if (requests.addAndGet(-answered) > 0) {
            planNextLook();
        } else if (work.isScanWanted()) {
            planLook();
        }
    }

    /** Looks at what changed; at everything, if events were lost. */
    private void lookBetween() {
        if (work.isScanWanted()) {
            if (pace.isTimeForScan()) {
                work.scan();
                confirmingScans = CONFIRMING_SCANS;
                planConfirming();
            }
            return;
        }
        pace.beginLook();
        try {
            work.look();
        } finally {
            pace.endLook();
        }
    }

    private void planConfirming() {
        if (!confirmingPlanned && confirmingScans > 0) {
            confirmingPlanned = true;
            plan(this::confirm, PAUSE_BEFORE_CONFIRMING);
        }
    }

    private void confirm() {
        confirmingPlanned = false;
        confirmingScans--;
        try {
            work.scan();
        } catch (RuntimeException e) {
            sayBug(e);
        }
        planConfirming();
    }

    private static void sayBug(RuntimeException bug) {
        LOG.error("this is a bug in plumbline, please report it", bug);
    }
}
