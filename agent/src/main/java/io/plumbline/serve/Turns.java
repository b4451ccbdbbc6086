package io.plumbline.serve;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Whose turn it is: scans at their interval, looks between them when there is something to look at, one after the other. */
final class Turns {

    /**
     * What was lost is found by scans: who was too young for the first is judged by the second, this much later, and what only a second
     * one proves by the third.
     */
    private static final Duration PAUSE_BEFORE_CONFIRMING = Duration.ofMillis(2100);

    private static final int CONFIRMING_SCANS = 2;

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

    private final WorkThread scanner = new WorkThread("scan");
    private final Pace pace = new Pace();
    private boolean confirmingPlanned;
    private int confirmingScans;

    /** @param interval from the start of one scan to the start of the next; one that takes longer is followed by a pause all the same */
    Turns(Duration interval, Work work) {
        this.interval = interval;
        this.work = work;
    }

    /** Starts, with a scan at once. */
    void start() {
        scanner.plan(this::scanAndPlanNext, Duration.ZERO);
    }

    /**
     * Ends after what is under way.
     *
     * @return whether that has ended
     */
    boolean end() throws InterruptedException {
        return scanner.end();
    }

    /** Something changed that can be looked at. Any thread. */
    void planLook() {
        if (requests.getAndIncrement() == 0) {
            planNextLook();
        }
    }

    /** As a turn of its own. Any thread. */
    void plan(Runnable what, Duration pause) {
        scanner.plan(what, pause);
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
            // What fails is the audience's: the scan's own failures are the scan's.
            work.scan();
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
        } finally {
            // What came meanwhile waits for the pause to end.
            if (requests.addAndGet(-answered) > 0) {
                planNextLook();
            } else if (work.isScanWanted()) {
                planLook();
            }
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
        } finally {
            planConfirming();
        }
    }
}
