package io.plumbline.report;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ScanReport;

/** How many processes belong where. */
record Counts(long inContainers, long host, long unattributed) {

    static Counts of(ScanReport report) {
        long inside = report.node().containers().stream()
                .mapToLong(container -> container.processes().size())
                .sum();
        long unattributed = report.node().others().stream()
                .map(AttributedProcess::attribution)
                .filter(Attribution.Unattributed.class::isInstance)
                .count();
        return new Counts(inside, report.node().others().size() - unattributed, unattributed);
    }
}
