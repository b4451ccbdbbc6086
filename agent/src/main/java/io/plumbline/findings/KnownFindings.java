package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Findings of the last scan, by the violation that each was made of: of the very same violation nothing but the time is new. */
public final class KnownFindings {

    private Reading<Instant> bootTime = new Reading.Absent<>("/proc/stat");
    private IdentityHashMap<Violation, Finding> before = new IdentityHashMap<>();
    private IdentityHashMap<Violation, Finding> now = new IdentityHashMap<>();
    private Map<String, Integer> places = new HashMap<>();

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

    /** Those of the last time in its order: then there is next to nothing to sort. */
    List<Finding> sorted(List<Finding> findings, Comparator<Finding> by) {
        @Nullable Finding[] known = new Finding[places.size()];
        List<Finding> others = new ArrayList<>();
        for (Finding finding : findings) {
            Integer place = places.get(finding.id());
            if (place == null || known[place] != null) {
                others.add(finding);
            } else {
                known[place] = finding;
            }
        }
        List<Finding> sorted = new ArrayList<>(findings.size());
        for (Finding finding : known) {
            if (finding != null) {
                sorted.add(finding);
            }
        }
        others.sort(by);
        sorted.addAll(others);
        sorted.sort(by);
        if (!others.isEmpty() || sorted.size() != places.size()) {
            places = new HashMap<>();
            sorted.forEach(finding -> places.put(finding.id(), places.size()));
        }
        return sorted;
    }
}
