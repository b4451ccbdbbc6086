package io.plumbline.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** The answer: a row for each subject. */
final class Table {

    private static final String ROW = "%-46.46s %9s %10s %7s %13s %9s %9s%n";

    private Table() {}

    static void print(PrintStream out, Map<Subject, Series> series, Map<Subject, Double> systemCalls) {
        out.printf(ROW, "", "CPU", "CPU us", "ratio", "least-most", "syscalls", "heap B");
        out.printf(ROW, "READER", "ms/scan", "/process", "", "ratio", "/process", "/process");
        series.forEach((subject, measured) -> {
            Double calls = systemCalls.get(subject);
            double allocated = measured.allocatedPerProcess();
            out.printf(
                    ROW,
                    subject.name(),
                    number("%.2f", measured.cpuMillis()),
                    number("%.2f", measured.microsPerProcess()),
                    number("%.3f", measured.ratio()),
                    number("%.3f", measured.leastRatio()) + "-" + number("%.3f", measured.mostRatio()),
                    calls == null ? "-" : number("%.2f", calls),
                    allocated < 0 ? "-" : number("%.0f", allocated));
        });
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
