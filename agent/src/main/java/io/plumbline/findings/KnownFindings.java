package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Findings of the last look, by the statements that they were made of: of the very same statements they are the same. */
public final class KnownFindings {

    private Reading<Instant> bootTime = new Reading.Absent<>("/proc/stat");
    private String node = "";
    private IdentityHashMap<List<Statement>, List<Finding>> before = new IdentityHashMap<>();
    private IdentityHashMap<List<Statement>, List<Finding>> now = new IdentityHashMap<>();
    private Map<String, Integer> places = new HashMap<>();

    /**
     * Begins a look; what the last one has not shown is forgotten. The start of a process is told by the boot time, and an id by the node's
     * name: under others nothing is known.
     */
    void begin(Reading<Instant> bootTime, String node) {
        boolean same = bootTime.equals(this.bootTime) && node.equals(this.node);
        before = same ? now : new IdentityHashMap<>();
        now = new IdentityHashMap<>();
        this.bootTime = bootTime;
        this.node = node;
    }

    /** Null where there are none. */
    @Nullable
    List<Finding> of(List<Statement> statements) {
        return before.get(statements);
    }

    void keep(List<Statement> statements, List<Finding> findings) {
        now.put(statements, findings);
    }

    /**
     * All in order. Those of the last time have their order from it, without a comparison.
     *
     * @param again those of the last time
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
