package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict.Violation;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Optional;

/** Findings of the last scan, by the violation that each was made of: of the very same violation nothing but the time is new. */
public final class KnownFindings {

    private Reading<Instant> bootTime = new Reading.Absent<>("/proc/stat");
    private IdentityHashMap<Violation, Finding> before = new IdentityHashMap<>();
    private IdentityHashMap<Violation, Finding> now = new IdentityHashMap<>();

    /** Begins a scan; what two scans have not shown is forgotten. The start of a process is told by the boot time. */
    void begin(Reading<Instant> boot) {
        before = boot.equals(bootTime) ? now : new IdentityHashMap<>();
        now = new IdentityHashMap<>();
        bootTime = boot;
    }

    Optional<Finding> of(Violation violation, Statement statement, String node) {
        return Optional.ofNullable(before.get(violation))
                .filter(finding -> finding.node().equals(node)
                        && finding.workload().equals(statement.workload())
                        && finding.policy().equals(statement.policy())
                        && finding.container().equals(statement.container()));
    }

    void keep(Violation violation, Finding finding) {
        now.put(violation, finding);
    }
}
