package io.plumbline.model;

import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.Set;

/**
 * Findings that a later look showed again, and of most of which nothing but the time is another: the list itself is the one of before, and
 * each finding has its time when somebody asks for it. After most looks nobody does.
 */
public final class FindingsAt extends AbstractList<Finding> implements RandomAccess {

    private final List<Finding> findings;
    private final Instant lastSeen;
    private final Set<String> ofOwnTime;

    private FindingsAt(List<Finding> findings, Instant lastSeen, Set<String> ofOwnTime) {
        this.findings = findings;
        this.lastSeen = lastSeen;
        this.ofOwnTime = ofOwnTime;
    }

    /**
     * All of them, seen at that time.
     *
     * @param findings an earlier answer of this, or any other findings
     */
    public static List<Finding> of(List<Finding> findings, Instant lastSeen) {
        return of(findings, lastSeen, Set.of());
    }

    /**
     * The same, but for some that have their own time.
     *
     * @param ofOwnTime ids of those
     */
    public static List<Finding> of(List<Finding> findings, Instant lastSeen, Set<String> ofOwnTime) {
        return new FindingsAt(timeless(findings), lastSeen, Set.copyOf(ofOwnTime));
    }

    /** Never changed; of findings with a time of its own, these themselves. */
    public static List<Finding> copyOf(List<Finding> findings) {
        return findings instanceof FindingsAt ? findings : List.copyOf(findings);
    }

    /** The same findings, each with any time: the very same list as long as nothing else is otherwise. */
    public static List<Finding> timeless(List<Finding> findings) {
        return findings instanceof FindingsAt later ? later.findings : copyOf(findings);
    }

    @Override
    public Finding get(int index) {
        Finding finding = findings.get(index);
        return finding.lastSeen().equals(lastSeen) || ofOwnTime.contains(finding.id())
                ? finding
                : finding.during(finding.firstSeen(), lastSeen);
    }

    @Override
    public int size() {
        return findings.size();
    }
}
