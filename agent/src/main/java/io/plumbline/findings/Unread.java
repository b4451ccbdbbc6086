package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import io.plumbline.model.Verdict.Undetermined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a report's checks could not look at; its containers are put in order once somebody asks. */
final class Unread {
    private final ScanReport report;
    private @Nullable Map<String, List<ContainerReport>> byId;

    Unread(ScanReport report) {
        this.report = report;
    }

    /** Beside what a check shows of a container. */
    Set<Undetermined> beside(ContainerIdentity container, String check) {
        return of(container, check, Outcome.VIOLATES);
    }

    /** Where a check shows nothing of a container. */
    Set<Undetermined> instead(ContainerIdentity container, String check) {
        return of(container, check, Outcome.UNDETERMINED);
    }

    private Set<Undetermined> of(ContainerIdentity container, String check, Outcome outcome) {
        Set<Undetermined> unread = new HashSet<>();
        for (ContainerReport candidate : byId().getOrDefault(container.containerId(), List.of())) {
            if (isSame(candidate.view().identity(), container)) {
                for (Verdict verdict : candidate.all()) {
                    if (verdict.outcome() == outcome && verdict.check().equals(check)) {
                        unread.addAll(verdict.undetermined());
                    }
                }
            }
        }
        return Set.copyOf(unread);
    }

    /** Names may be others by now. */
    private static boolean isSame(ContainerIdentity one, ContainerIdentity other) {
        return one.podUid().equals(other.podUid()) && one.container().equals(other.container());
    }

    private Map<String, List<ContainerReport>> byId() {
        if (byId == null) {
            byId = new HashMap<>();
            for (ContainerReport container : report.containers()) {
                byId.computeIfAbsent(container.view().identity().containerId(), id -> new ArrayList<>(1))
                        .add(container);
            }
        }
        return byId;
    }
}
