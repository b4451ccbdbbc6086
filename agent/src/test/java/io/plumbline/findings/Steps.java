package io.plumbline.findings;

import static io.plumbline.SketchedReport.container;

import io.plumbline.SketchedReport;
import io.plumbline.findings.Ledger.Step;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.time.Instant;
import java.util.Set;

/** Scans of two containers, and what a ledger makes of them. */
final class Steps {
    static final ContainerIdentity WEB = container("shop", "web");
    static final ContainerIdentity WORKER = container("shop", "worker");
    static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    private Steps() {}

    static Step run(ScanReport first, ScanReport... more) {
        Step step = Ledger.empty().step(first, Set.of());
        for (ScanReport report : more) {
            step = step.next().step(report, Set.of());
        }
        return step;
    }

    static ScanReport seccompOf(ContainerIdentity container, int second) {
        return of("seccomp", container, second);
    }

    static ScanReport of(String check, ContainerIdentity container, int second) {
        return SketchedReport.at(NOON.plusSeconds(second))
                .shows(Severity.HIGH, check, container)
                .report();
    }

    static ScanReport nothing(int second) {
        return SketchedReport.at(NOON.plusSeconds(second)).report();
    }
}
