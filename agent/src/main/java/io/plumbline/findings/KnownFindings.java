package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Findings of the last look, by the statements that they were made of: of the very same statements they are the same. */
public final class KnownFindings {

    private Reading<Instant> bootTime = new Reading.Absent<>("/proc/stat");
    private String node = "";
    private IdentityHashMap<List<Statement>, List<Finding>> before = new IdentityHashMap<>();
    private IdentityHashMap<List<Statement>, List<Finding>> now = new IdentityHashMap<>();
    /** The last look took in all that it was to, and {@code sorted} is of it. */
    private boolean isWhole;

    private List<List<Statement>> order = List.of();
    private List<Finding> sorted = List.of();

    /**
     * Begins a look; what the last one has not shown is forgotten. The start of a process is told by the boot time, and an id by the node's
     * name: under others nothing is known.
     */
    void begin(Reading<Instant> bootTime, String node) {
        boolean same = isWhole && bootTime.equals(this.bootTime) && node.equals(this.node);
        isWhole = false;
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
     * All, worst first; the very list of the last time if they are made of the very same statements.
     *
     * @param statements that they are made of, all of them kept
     * @param isNew some were made by this look
     */
    List<Finding> sorted(List<List<Statement>> statements, boolean isNew) {
        if (isNew || !SameObjects.areIn(order, statements)) {
            List<Finding> made = new ArrayList<>();
            int count = 0;
            for (List<Statement> of : statements) {
                List<Finding> findings = now.getOrDefault(of, List.of());
                count += findings.size();
                if (!before.containsKey(of)) {
                    made.addAll(findings);
                }
            }
            List<Finding> all = Findings.merged(stillShown(), made);
            // Statements that are there twice were so before, or not.
            sorted = List.copyOf(all.size() == count ? all : sorted(statements));
            order = statements;
        }
        isWhole = true;
        return sorted;
    }

    private List<Finding> sorted(List<List<Statement>> statements) {
        List<Finding> all = new ArrayList<>();
        statements.forEach(of -> all.addAll(now.getOrDefault(of, List.of())));
        all.sort(Findings.WORST_FIRST);
        return all;
    }

    /** Those of the last time that are not over; they have their order from it, without a comparison. */
    private List<Finding> stillShown() {
        Set<Finding> over = Collections.newSetFromMap(new IdentityHashMap<>());
        before.forEach((of, findings) -> {
            if (!now.containsKey(of)) {
                over.addAll(findings);
            }
        });
        if (over.isEmpty()) {
            return sorted;
        }
        List<Finding> still = new ArrayList<>(sorted.size());
        for (Finding finding : sorted) {
            if (!over.contains(finding)) {
                still.add(finding);
            }
        }
        return still;
    }
}
