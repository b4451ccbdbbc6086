package io.plumbline.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures of a resident, each beside its goal where it has one. */
final class ResidentTable {

    private static final String ROW = "%-62.62s %12s %12s  %s%n";

    private final List<String> rows = new ArrayList<>();

    ResidentTable() {
        rows.add(String.format(Locale.ROOT, ROW, "FIGURE", "MEASURED", "GOAL", ""));
    }

    /** A figure that has no goal of its own. */
    void add(String name, String format, double figure) {
        rows.add(String.format(Locale.ROOT, ROW, name, text(format, figure), "-", ""));
    }

    /** @param most the goal: the figure is to be that at most */
    void add(String name, String format, double figure, double most) {
        rows.add(String.format(
                Locale.ROOT, ROW, name, text(format, figure), text(format, most), figure <= most ? "met" : "missed"));
    }

    private static String text(String format, double figure) {
        return Double.isNaN(figure) ? "?" : String.format(Locale.ROOT, format, figure);
    }

    void print() {
        rows.forEach(row -> System.out.print(row.stripTrailing() + System.lineSeparator()));
    }
}
