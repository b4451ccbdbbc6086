package io.plumbline.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a table of scans says of the goals: CPU of one row over that of another. */
record ScanGoals(Map<Subject, Series> series) {

    static final String FULL = "plumbline, full scan";
    static final String STEADY = "plumbline, steady scan";
    static final String STEADY_EACH_SECOND = "plumbline, steady scan, each second";
    static final String LIBRARY_EACH_SECOND = "libplumbline from C, steady, each second";
    static final String FLOOR = "floor_scan path (C: the yardstick)";
    static final String FLOOR_ITERATOR = "floor_scan iter (C: BPF alone)";
    static final String FLOOR_ITERATOR_EACH_SECOND = "floor_scan iter, each second";

    void print(PrintStream out) {
        out.println();
        print(out, 1, FULL, FLOOR, 1.10);
        print(out, 2, STEADY, FLOOR_ITERATOR, 1.25);
        print(out, 2, STEADY_EACH_SECOND, FLOOR_ITERATOR_EACH_SECOND, 1.25);
        print(out, 3, STEADY_EACH_SECOND, FLOOR, 0.05);
        print(out, 3, LIBRARY_EACH_SECOND, FLOOR, 0.05);
    }

    /** Nothing where a row is missing: the table's remarks say why. */
    private void print(PrintStream out, int goal, String one, String other, double most) {
        Optional<Series> above = row(one);
        Optional<Series> below = row(other);
        if (above.isPresent() && below.isPresent()) {
            // Each turn has the yardstick's beside it: a slow minute is both's.
            double ratio =
                    above.get().ratio() / (other.equals(FLOOR) ? 1 : below.get().ratio());
            out.printf(Locale.ROOT, "%d %s / %s: %.3f; goal: at most %.2f%n", goal, one, other, ratio, most);
        }
    }

    private Optional<Series> row(String name) {
        return series.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
