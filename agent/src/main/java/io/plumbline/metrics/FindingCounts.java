package io.plumbline.metrics;

import io.plumbline.model.Finding;
import io.plumbline.model.FindingsAt;
import java.util.List;

/**
 * The series of open findings, counted when somebody asks: between scans findings come and go more often than anybody does. Any thread.
 */
final class FindingCounts {

    private final int most;
    private final int mostExcepted;

    /** Those that were counted last, each with any time. */
    private List<Finding> open = List.of();

    private Counted counted;

    /**
     * What they come to.
     *
     * @param notExcepted those that nobody accepts
     */
    record Counted(FindingSeries notExcepted, FindingSeries excepted) {

        /** How many series went into others. */
        int folded() {
            return notExcepted.folded() + excepted.folded();
        }
    }

    /**
     * Nothing is open.
     *
     * @param most series that there may be, both kinds together
     * @param mostExcepted how many of them of findings that somebody accepts
     */
    FindingCounts(int most, int mostExcepted) {
        this.most = most;
        this.mostExcepted = mostExcepted;
        this.counted = new Counted(FindingSeries.of(List.of(), most), FindingSeries.of(List.of(), mostExcepted));
    }

    /** What these come to. */
    synchronized Counted of(List<Finding> findings) {
        List<Finding> now = FindingsAt.timeless(findings);
        if (!areSame(now, open)) {
            open = now;
            FindingSeries excepted = counted.excepted().next(among(now, true), mostExcepted);
            FindingSeries others = counted.notExcepted()
                    .next(among(now, false), most - excepted.counts().size());
            counted = new Counted(others, excepted);
        }
        return counted;
    }

    /** The very same: of those nothing that is counted can be otherwise. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean areSame(List<Finding> one, List<Finding> other) {
        return one == other;
    }

    private static List<Finding> among(List<Finding> findings, boolean excepted) {
        return findings.stream()
                .filter(finding -> finding.isExcepted() == excepted)
                .toList();
    }
}
