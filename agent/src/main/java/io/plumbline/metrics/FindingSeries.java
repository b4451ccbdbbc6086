package io.plumbline.metrics;

import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Severity;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Open findings, counted by their labels, in no more series than there may be.
 *
 * @param all by labels, however many those are
 * @param most series that there may be
 * @param counts by labels, those of {@code all} or fewer
 * @param folded how many series went into others
 */
record FindingSeries(Map<Labels, Integer> all, int most, Map<Labels, Integer> counts, int folded) {

    private static final String OTHER = "other";

    /**
     * Counts. Where there are too many series the worst and largest keep their own, and the rest are counted together: first by
     * namespace, and if even that is too much without it.
     */
    static FindingSeries of(List<Finding> findings, int most) {
        return of(counted(findings), most);
    }

    /** The same; these themselves, if they are of as many findings under the same labels. */
    FindingSeries next(List<Finding> findings, int atMost) {
        Map<Labels, Integer> now = counted(findings);
        return atMost == most && now.equals(all) ? this : of(now, atMost);
    }

    private static Map<Labels, Integer> counted(List<Finding> findings) {
        Map<Labels, Integer> all = new HashMap<>();
        findings.forEach(finding -> all.merge(Labels.of(finding), 1, Integer::sum));
        return all;
    }

    private static FindingSeries of(Map<Labels, Integer> all, int most) {
        if (all.size() <= most) {
            return new FindingSeries(all, most, all, 0);
        }
        List<Labels> byWeight = all.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Labels, Integer> entry) ->
                                entry.getKey().severity())
                        .thenComparing(Map.Entry::getValue, Comparator.reverseOrder())
                        .thenComparing(Map.Entry::getKey, Labels.BY_NAME))
                .map(Map.Entry::getKey)
                .toList();
        UnaryOperator<Labels> fold = Labels::ofAnyWorkload;
        if (distinct(byWeight, fold) > most) {
            fold = Labels::ofAnyone;
        }
        int kept = kept(byWeight, fold, most);
        Map<Labels, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < byWeight.size(); i++) {
            Labels own = byWeight.get(i);
            counts.merge(i < kept ? own : fold.apply(own), all.getOrDefault(own, 0), Integer::sum);
        }
        return new FindingSeries(all, most, counts, byWeight.size() - kept);
    }

    private static int distinct(List<Labels> labels, UnaryOperator<Labels> fold) {
        return (int) labels.stream().map(fold).distinct().count();
    }

    /** How many of the first may stand for themselves, so that with the folded rest there are not too many. */
    private static int kept(List<Labels> labels, UnaryOperator<Labels> fold, int most) {
        Set<Labels> rest = new HashSet<>();
        int kept = labels.size();
        while (kept > 0 && kept + rest.size() > most) {
            kept--;
            rest.add(fold.apply(labels.get(kept)));
        }
        return kept;
    }

    /** What a series is called by. */
    record Labels(FindingKind kind, String check, Severity severity, String namespace, String workload) {
        static final Comparator<Labels> BY_NAME = Comparator.comparing(Labels::kind)
                .thenComparing(Labels::check)
                .thenComparing(Labels::namespace)
                .thenComparing(Labels::workload);

        static Labels of(Finding finding) {
            return new Labels(
                    finding.kind(),
                    finding.check(),
                    finding.severity(),
                    finding.container().namespace(),
                    finding.workload());
        }

        Labels ofAnyWorkload() {
            return new Labels(kind, check, severity, namespace, OTHER);
        }

        Labels ofAnyone() {
            return new Labels(kind, check, severity, OTHER, OTHER);
        }
    }
}
