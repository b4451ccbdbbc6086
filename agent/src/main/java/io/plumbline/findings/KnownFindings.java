package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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

    /** Asked for every violation of each scan; null where there was none, or it is of another statement. */
    @Nullable
    Finding of(Violation violation, Statement statement, String node) {
        Finding finding = before.get(violation);
        boolean same = finding != null
                && finding.node().equals(node)
                && finding.workload().equals(statement.workload())
                && finding.policy().equals(statement.policy())
                && finding.container().equals(statement.container());
        return same ? finding : null;
    }

    void keep(Violation violation, Finding finding) {
        now.put(violation, finding);
    }

    /**
     * All in order. Those of the last time have their order from it, without a comparison.
     *
     * @param again of whom nothing but the time is new
     * @param made all others
     */
    List<Finding> sorted(List<Finding> again, List<Finding> made, Comparator<Finding> by) {
        @Nullable Finding[] placed = new Finding[places.size()];
        List<Finding> others = new ArrayList<>(made);
        for (Finding finding : again) {
            Integer place = places.get(finding.id());
            if (place == null || placed[place] != null) {
                others.add(finding);
            } else {
                placed[place] = finding;
            }
        }
        List<Finding> known = new ArrayList<>(again.size());
        for (Finding finding : placed) {
            if (finding != null) {
                known.add(finding);
            }
        }
        List<Finding> sorted = merged(known, others, by);
        if (!others.isEmpty() || sorted.size() != places.size()) {
            places = new HashMap<>();
            sorted.forEach(finding -> places.put(finding.id(), places.size()));
        }
        return sorted;
    }

    private static List<Finding> merged(List<Finding> known, List<Finding> others, Comparator<Finding> by) {
        List<Finding> merged = new ArrayList<>(known.size() + others.size());
        others.sort(by);
        int from = 0;
        for (Finding other : others) {
            int found = Collections.binarySearch(known.subList(from, known.size()), other, by);
            int at = from + (found < 0 ? -found - 1 : found);
            merged.addAll(known.subList(from, at));
            merged.add(other);
            from = at;
        }
        merged.addAll(known.subList(from, known.size()));
        return merged;
    }
}
