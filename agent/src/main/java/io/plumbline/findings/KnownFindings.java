package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
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
    private List<List<Statement>> order = List.of();
    private List<Finding> sorted = List.of();

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
        if (!same) {
            order = List.of();
            sorted = List.of();
        }
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
     * All in order; the very list of the last time if they are made of the very same statements.
     *
     * @param statements that they are made of, all of them kept
     * @param isNew some were made by this look
     */
    List<Finding> sorted(List<List<Statement>> statements, boolean isNew, Comparator<Finding> by) {
        if (isNew || !SameObjects.areIn(order, statements)) {
            List<Finding> again = new ArrayList<>();
            List<Finding> made = new ArrayList<>();
            for (List<Statement> of : statements) {
                (before.containsKey(of) ? again : made).addAll(now.getOrDefault(of, List.of()));
            }
            sorted = List.copyOf(sorted(again, made, by));
            order = statements;
        }
        return sorted;
    }

    /**
     * Those of the last time have their order from it, without a comparison.
     *
     * @param again those of the last time
     * @param made all others
     */
    private List<Finding> sorted(List<Finding> again, List<Finding> made, Comparator<Finding> by) {
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
