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
 * @param findings that are counted
 * @param most series that there may be
 * @param counts by labels
 * @param folded how many series went into others
 */
record FindingSeries(List<Finding> findings, int most, Map<Labels, Integer> counts, int folded) {

    private static final String OTHER = "other";

    /**
     * Counts. Where there are too many series the worst and largest keep their own, and the rest are counted together: first by
     * namespace, and if even that is too much without it.
     */
    static FindingSeries of(List<Finding> findings, int most) {
        Map<Labels, Integer> all = counted(findings);
        if (all.size() <= most) {
            return new FindingSeries(findings, most, all, 0);
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
        return new FindingSeries(findings, most, counts, byWeight.size() - kept);
    }

    /** The same of the findings of a later scan. */
    FindingSeries next(List<Finding> later, int atMost) {
        return atMost == most && areSame(findings, later)
                ? new FindingSeries(later, most, counts, folded)
                : of(later, atMost);
    }

    /** After most scans nothing but the time is another: then what they are counted by are the same objects. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean areSame(List<Finding> before, List<Finding> later) {
        if (before.size() != later.size()) {
            return false;
        }
        for (int i = 0; i < before.size(); i++) {
            Finding one = before.get(i);
            Finding other = later.get(i);
            if (one.container() != other.container()
                    || one.check() != other.check()
                    || one.workload() != other.workload()
                    || one.kind() != other.kind()
                    || one.severity() != other.severity()) {
                return false;
            }
        }
        return true;
    }

    private static Map<Labels, Integer> counted(List<Finding> findings) {
        Map<Labels, Integer> all = new HashMap<>();
        findings.forEach(finding -> all.merge(Labels.of(finding), 1, Integer::sum));
        return all;
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
