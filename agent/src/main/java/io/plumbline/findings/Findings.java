package io.plumbline.findings;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Finding;
import io.plumbline.model.Finding.ProcessReference;
import io.plumbline.model.LazyTimes;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.Occasion.Witness;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes findings of what checks say: one for each container and check, with its processes inside. Its time is that of the look that made it
 * first; how long it has been open is the {@link Ledger}'s to say.
 */
public final class Findings {

    /** The order in which people want to read them: worst first, then by name. */
    static final Comparator<Finding> WORST_FIRST = Comparator.comparing(Finding::severity)
            .thenComparing(finding -> finding.container().namespace())
            .thenComparing(finding -> finding.container().pod())
            .thenComparing(finding -> finding.container().container().orElse(""))
            .thenComparing(Finding::check)
            .thenComparing(Finding::id);

    private static final int PROCESSES_SHOWN = 10;

    private final NodeFacts facts;
    private final String node;
    private final KnownFindings known;
    private final Map<Integer, Witness> witnessed;
    private final List<List<Statement>> taken = new ArrayList<>();
    /** What was made of each of {@code taken}. */
    private final List<List<Finding>> found = new ArrayList<>();

    private boolean isNew;
    private final Set<String> madeNow = new HashSet<>();
    private final Map<String, Instant> announcedNow = new HashMap<>();

    /** Who is in one finding is mostly in several. */
    private final Map<ProcessKey, ProcessReference> references = new HashMap<>();

    /**
     * Findings of one look.
     *
     * @param node the node's name, part of every id
     * @param witnessed of whom the kernel itself told, by pid
     * @param known of the look before; of this one afterwards
     */
    public Findings(NodeFacts facts, String node, Map<Integer, Witness> witnessed, KnownFindings known) {
        this.facts = facts;
        this.node = node;
        this.witnessed = witnessed;
        this.known = known;
        known.begin(facts.bootTime(), node);
    }

    /**
     * Takes in violations. Of the very same list as the last time the findings are the very same.
     *
     * @param statements each of which has one
     */
    public void add(List<Statement> statements) {
        if (statements.isEmpty()) {
            return;
        }
        List<Finding> before = known.of(statements);
        List<Finding> all = before == null ? statements.stream().map(this::made).toList() : before;
        if (before == null) {
            isNew = true;
            all.forEach(finding -> madeNow.add(finding.id()));
            announce(statements, all, witnessed, announcedNow);
        }
        taken.add(statements);
        found.add(all);
        known.keep(statements, all);
    }

    /** Worst first, then by name; of the very same statements as the last time the very same list. */
    public List<Finding> all() {
        return known.sorted(taken, isNew);
    }

    /** Those about a process that the kernel itself told of, by id, each with the newest event of its processes. */
    public Map<String, Instant> announced() {
        if (witnessed.isEmpty()) {
            return Map.of();
        }
        List<List<Statement>> of = List.copyOf(taken);
        List<List<Finding>> findings = List.copyOf(found);
        Map<Integer, Witness> told = witnessed;
        return new LazyTimes(madeNow, announcedNow, () -> announced(of, findings, told));
    }

    private static Map<String, Instant> announced(
            List<List<Statement>> statements, List<List<Finding>> findings, Map<Integer, Witness> told) {
        Map<String, Instant> all = new HashMap<>();
        for (int i = 0; i < statements.size(); i++) {
            announce(statements.get(i), findings.get(i), told, all);
        }
        return all;
    }

    /**
     * Both together, worst first.
     *
     * @param sorted most of them, worst first
     * @param others in any order, and in order afterwards
     */
    static List<Finding> merged(List<Finding> sorted, List<Finding> others) {
        List<Finding> merged = new ArrayList<>(sorted.size() + others.size());
        others.sort(WORST_FIRST);
        int from = 0;
        for (Finding other : others) {
            int found = Collections.binarySearch(sorted.subList(from, sorted.size()), other, WORST_FIRST);
            int at = from + (found < 0 ? -found - 1 : found);
            for (; from < at; from++) {
                merged.add(sorted.get(from));
            }
            merged.add(other);
        }
        for (; from < sorted.size(); from++) {
            merged.add(sorted.get(from));
        }
        return merged;
    }

    private static void announce(
            List<Statement> statements,
            List<Finding> findings,
            Map<Integer, Witness> told,
            Map<String, Instant> announced) {
        for (int i = 0; i < statements.size(); i++) {
            Instant newest = newest(violation(statements.get(i)), told);
            if (newest != null) {
                announced.put(findings.get(i).id(), newest);
            }
        }
    }

    private static @Nullable Instant newest(Violation violation, Map<Integer, Witness> told) {
        Instant newest = null;
        for (AttributedProcess offender : violation.offenders()) {
            Witness witness = told.get(offender.process().pid());
            if (witness != null && (newest == null || witness.at().isAfter(newest))) {
                newest = witness.at();
            }
        }
        return newest;
    }

    private static Violation violation(Statement statement) {
        return statement.verdict().violation().orElseThrow();
    }

    private Finding made(Statement statement) {
        Verdict verdict = statement.verdict();
        Violation violation = violation(statement);
        List<AttributedProcess> offenders = violation.offenders().stream()
                .sorted(Comparator.comparing(process -> process.process().key()))
                .toList();
        boolean allByExec = !offenders.isEmpty() && offenders.stream().allMatch(AttributedProcess::viaExec);
        return new Finding(
                FindingId.of(node, statement.kind(), verdict.check(), statement.container(), statement.profile()),
                statement.kind(),
                verdict.check(),
                violation.severity(),
                statement.container(),
                statement.profile(),
                node,
                statement.workload(),
                violation.title(),
                violation.message(),
                verdict.declared(),
                verdict.expected(),
                verdict.granted(),
                verdict.effective(),
                violation.cause(),
                violation.remedy(),
                offenders.stream().limit(PROCESSES_SHOWN).map(this::reference).toList(),
                offenders.size(),
                allByExec ? Optional.of("exec") : Optional.empty(),
                violation.evidence(),
                statement.policy(),
                facts.takenAt(),
                facts.takenAt(),
                Optional.empty());
    }

    private ProcessReference reference(AttributedProcess process) {
        return references.computeIfAbsent(
                process.process().key(),
                key -> new ProcessReference(
                        key.pid(),
                        facts.startOf(key),
                        ShownCommand.of(process.process()),
                        process.viaExec() ? Optional.of("exec") : Optional.empty()));
    }
}
