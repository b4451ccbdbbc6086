package io.plumbline.model;

import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Findings that a later look showed again, and of which nothing but the time is another: the list itself is the one of before, and each
 * finding has its time when somebody asks for it. After most scans nobody does.
 */
public final class FindingsAt extends AbstractList<Finding> implements RandomAccess {

    private final List<Finding> findings;
    private final Instant lastSeen;

    private FindingsAt(List<Finding> findings, Instant lastSeen) {
        this.findings = findings;
        this.lastSeen = lastSeen;
    }

    /**
     * All of them, seen at that time.
     *
     * @param findings an earlier answer of this, or any other findings
     */
    public static List<Finding> of(List<Finding> findings, Instant lastSeen) {
        return new FindingsAt(timeless(findings), lastSeen);
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
        return finding.lastSeen().equals(lastSeen) ? finding : finding.during(finding.firstSeen(), lastSeen);
    }

    @Override
    public int size() {
        return findings.size();
    }
}
