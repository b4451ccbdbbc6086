package io.plumbline.findings;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Finding;
import io.plumbline.model.Finding.ProcessReference;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.Occasion.Witness;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes findings of what checks say: one for each container and check, with its processes inside. */
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
    private final Instant now;
    private final KnownFindings known;

    /**
     * @param node the node's name, part of every id
     * @param now when the node was looked at
     */
    public Findings(NodeFacts facts, String node, Instant now) {
        this(facts, node, now, new KnownFindings());
    }

    /** @param known of the scan before; of this one afterwards */
    public Findings(NodeFacts facts, String node, Instant now, KnownFindings known) {
        this.facts = facts;
        this.node = node;
        this.now = now;
        this.known = known;
    }

    /** Worst first, then by name; statements that find nothing are left out. */
    public List<Finding> of(Collection<Statement> statements) {
        known.begin(facts.bootTime());
        List<Finding> again = new ArrayList<>(statements.size());
        List<Finding> made = new ArrayList<>();
        for (Statement statement : statements) {
            if (statement.verdict().violation().isPresent()) {
                Violation violation = statement.verdict().violation().get();
                Finding before = known.of(violation, statement, node);
                Finding finding = before == null ? made(statement, violation) : before.seen(now);
                (before == null ? made : again).add(finding);
                known.keep(violation, finding);
            }
        }
        return known.sorted(again, made, WORST_FIRST);
    }

    /**
     * Those about a process that the kernel itself told of, by id, each with the newest event of its processes.
     *
     * @param witnessed what was told
     */
    public Map<String, Instant> announced(Collection<Statement> statements, Map<ProcessKey, Witness> witnessed) {
        Map<String, Instant> announced = new HashMap<>();
        if (witnessed.isEmpty()) {
            return announced;
        }
        BitSet pids = new BitSet();
        witnessed.keySet().forEach(key -> pids.set(key.pid()));
        for (Statement statement : statements) {
            if (statement.verdict().violation().isPresent()) {
                Instant newest = newest(statement.verdict().violation().get(), witnessed, pids);
                if (newest != null) {
                    announced.put(id(statement), newest);
                }
            }
        }
        return announced;
    }

    /**
     * Asked of every process that offends, after each look.
     *
     * @param pids of those that were witnessed
     */
    private static @Nullable Instant newest(Violation violation, Map<ProcessKey, Witness> witnessed, BitSet pids) {
        Instant newest = null;
        for (AttributedProcess offender : violation.offenders()) {
            Witness witness = pids.get(offender.process().pid())
                    ? witnessed.get(offender.process().key())
                    : null;
            if (witness != null && (newest == null || witness.at().isAfter(newest))) {
                newest = witness.at();
            }
        }
        return newest;
    }

    private String id(Statement statement) {
        return FindingId.of(
                node, statement.kind(), statement.verdict().check(), statement.container(), statement.profile());
    }

    private Finding made(Statement statement, Violation violation) {
        Verdict verdict = statement.verdict();
        List<AttributedProcess> offenders = violation.offenders().stream()
                .sorted(Comparator.comparing(process -> process.process().key()))
                .toList();
        boolean allByExec = !offenders.isEmpty() && offenders.stream().allMatch(AttributedProcess::viaExec);
        return new Finding(
                id(statement),
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
                now,
                now,
                Optional.empty());
    }

    private ProcessReference reference(AttributedProcess process) {
        return new ProcessReference(
                process.process().pid(),
                facts.startOf(process.process().key()),
                ShownCommand.of(process.process()),
                process.viaExec() ? Optional.of("exec") : Optional.empty());
    }
}
