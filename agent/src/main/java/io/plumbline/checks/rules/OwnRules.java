package io.plumbline.checks.rules;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.PolicyException;
import io.plumbline.checks.rules.Rule.Answer;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Evidence;
import io.plumbline.model.NodeView;
import io.plumbline.model.OciBundle;
import io.plumbline.model.PolicySet.OwnRule;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import io.plumbline.model.Verdict.Violation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The user's own rules, asked of every container of the node. */
public final class OwnRules {

    /** There are none. */
    public static final OwnRules NONE = new OwnRules(List.of());

    private static final int SHOWN = 10;

    private final List<Rule> rules;

    private OwnRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Compiles them, once and for all.
     *
     * @param taken ids of checks, which no rule can have
     * @throws PolicyException if any is wrong: with all that is, each with file, line and column
     */
    public static OwnRules of(List<OwnRule> written, Collection<String> taken) {
        if (written.isEmpty()) {
            return NONE; // the language's library is not even loaded
        }
        List<String> problems = new ArrayList<>();
        Set<String> ids = new HashSet<>(taken);
        RuleCompiler compiler = new RuleCompiler();
        List<Rule> rules = new ArrayList<>();
        for (OwnRule rule : written) {
            if (!ids.add(rule.id())) {
                problems.add(RuleCompiler.where(rule) + ": this id is taken; choose another");
            }
            compiler.compile(rule, problems).ifPresent(rules::add);
        }
        if (!problems.isEmpty()) {
            throw new PolicyException(problems);
        }
        return new OwnRules(rules);
    }

    /** The names that a rule may use, each with its type and meaning in words: a row of a table. */
    public static List<List<String>> vocabulary() {
        return Fields.all().stream()
                .map(field -> List.of(field.name(), field.type().word(), field.meaning()))
                .toList();
    }

    /** What each says of itself, as a check does. */
    public List<CheckDescription> descriptions() {
        return rules.stream().map(Rule::description).toList();
    }

    /** A verdict, whom it is about, and the rule in words. */
    public record Judged(ContainerIdentity container, Verdict verdict, String policy) {}

    /**
     * Every violation, and whatever could not be told.
     *
     * @param isJudged leaves out containers of which the kernel shows somebody else's processes
     */
    public List<Judged> judge(NodeView node, Predicate<ContainerView> isJudged) {
        List<Judged> judged = new ArrayList<>();
        List<ContainerView> containers = node.containers().stream()
                .filter(container -> !container.isSandbox())
                .filter(isJudged)
                .toList();
        for (Rule rule : rules) {
            boolean exhausted = false;
            for (ContainerView container : containers) {
                Judgement judgement = new Judgement(rule.written());
                exhausted = exhausted ? judgement.exhausted() : judgement.of(rule, container, node);
                judgement
                        .verdict(container.identity())
                        .ifPresent(verdict -> judged.add(new Judged(
                                container.identity(), verdict, rule.written().words())));
            }
        }
        return judged;
    }

    /** One rule on one container. */
    private static final class Judgement {
        private final OwnRule rule;
        private final List<Subject> offending = new ArrayList<>();
        private final Set<String> values = new LinkedHashSet<>();
        private final List<Evidence> evidence = new ArrayList<>();
        private final Set<Undetermined> open = new LinkedHashSet<>();

        Judgement(OwnRule rule) {
            this.rule = rule;
        }

        /** Was it stopped, so that nobody needs to ask it again? */
        boolean of(Rule compiled, ContainerView container, NodeView node) {
            List<Subject> subjects = compiled.isOfProcess()
                    ? Subject.tasks(container, node)
                    : List.of(new Subject(container, node, Optional.empty()));
            for (Subject subject : subjects) {
                Answer answer = compiled.ask(subject);
                if (answer instanceof Answer.Told told && !told.holds()) {
                    violated(subject, told.values());
                } else if (answer instanceof Answer.Unread unread) {
                    unread.missing().forEach(reading -> missing(subject, reading));
                } else if (answer instanceof Answer.Failed failed) {
                    open.add(new Undetermined("rule " + rule.id(), failed.why(), 0));
                    if (failed.exhausted()) {
                        return true;
                    }
                }
            }
            return false;
        }

        boolean exhausted() {
            open.add(new Undetermined("rule " + rule.id(), "costs too much, as on another container of this scan", 0));
            return true;
        }

        private void violated(Subject subject, Map<Field, Object> read) {
            offending.add(subject);
            read.forEach((field, value) -> {
                String shown = field.name() + " " + value;
                values.add(shown);
                if (evidence.size() < SHOWN) {
                    source(field, subject)
                            .map(source -> new Evidence(source, shown))
                            .ifPresent(evidence::add);
                }
            });
        }

        /** The file that it was read from; what the cluster says is in none. */
        private static Optional<String> source(Field field, Subject subject) {
            if (field.isOfProcess()) {
                return subject.task().map(Subject.Task::source);
            }
            return field.isGranted()
                    ? subject.container().granted().observed().map(OciBundle::source)
                    : Optional.empty();
        }

        private void missing(Subject subject, Reading<?> reading) {
            int pid = subject.task().map(task -> task.process().process().pid()).orElse(0);
            open.add(reading.fold(
                    value -> new Undetermined("", "", pid),
                    absent -> new Undetermined(absent.source(), "absent", pid),
                    unreadable -> new Undetermined(unreadable.source(), unreadable.why(), pid)));
        }

        Optional<Verdict> verdict(ContainerIdentity container) {
            if (offending.isEmpty() && open.isEmpty()) {
                return Optional.empty();
            }
            Optional<Violation> violation = offending.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Violation(
                            rule.severity(),
                            rule.message(),
                            container.words() + ": " + rule.message(),
                            Cause.POLICY,
                            rule.remedy(),
                            offending.stream()
                                    .flatMap(subject -> subject.task().stream())
                                    .map(Subject.Task::process)
                                    .distinct()
                                    .toList(),
                            evidence));
            return Optional.of(new Verdict(
                    rule.id(),
                    "as the rule asks",
                    List.of(rule.expression()),
                    Optional.empty(),
                    values.stream().limit(SHOWN).toList(),
                    violation,
                    List.copyOf(open)));
        }
    }
}
