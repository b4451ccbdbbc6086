package io.plumbline.checks.rules;

import dev.cel.common.CelErrorCode;
import dev.cel.runtime.CelAttributePattern;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.UnknownContext;
import io.plumbline.checks.CheckDescription;
import io.plumbline.model.FindingKind;
import io.plumbline.model.PolicySet.OwnRule;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A rule ready to be asked. */
final class Rule {

    /** On rules as such. */
    private static final String PAGE = "own-rules";

    private final OwnRule written;
    private final CelRuntime.Program program;
    private final List<Field> fields;

    /** @param fields those that its expression names */
    Rule(OwnRule written, CelRuntime.Program program, List<Field> fields) {
        this.written = written;
        this.program = program;
        this.fields = List.copyOf(fields);
    }

    OwnRule written() {
        return written;
    }

    /** As of a check: what it promises is its expression. */
    CheckDescription description() {
        return new CheckDescription(
                written.id(),
                FindingKind.POLICY,
                written.severity().word(),
                written.message(),
                written.expression().strip(),
                fields.stream().map(Field::name).collect(Collectors.joining(", ")),
                written.remedy(),
                PAGE);
    }

    /** It names a process: it has to hold for each one. */
    boolean isOfProcess() {
        return fields.stream().anyMatch(Field::isOfProcess);
    }

    /** What came of it. */
    sealed interface Answer {

        /**
         * It came to an end.
         *
         * @param values what it read
         */
        record Told(boolean holds, Map<Field, Object> values) implements Answer {}

        /** What it would have had to read. */
        record Unread(List<Reading<?>> missing) implements Answer {}

        /**
         * It came to none.
         *
         * @param exhausted it was stopped because it cost too much, and will the next time too
         */
        record Failed(String why, boolean exhausted) implements Answer {}
    }

    Answer ask(Subject subject) {
        Map<String, Object> values = new HashMap<>();
        Map<Field, Object> read = new LinkedHashMap<>();
        List<CelAttributePattern> unknown = new ArrayList<>();
        List<Reading<?>> missing = new ArrayList<>();
        for (Field field : fields) {
            Reading<?> reading = field.read().apply(subject);
            Optional<?> value = reading.observed();
            if (value.isPresent()) {
                values.put(field.name(), value.get());
                read.put(field, value.get());
            } else {
                unknown.add(CelAttributePattern.fromQualifiedIdentifier(field.name()));
                missing.add(reading);
            }
        }
        try {
            Object said = program.advanceEvaluation(
                    UnknownContext.create(name -> Optional.ofNullable(values.get(name)), unknown));
            return said instanceof Boolean holds ? new Answer.Told(holds, read) : new Answer.Unread(missing);
        } catch (CelEvaluationException e) {
            return new Answer.Failed(
                    String.valueOf(e.getMessage()), e.getErrorCode() == CelErrorCode.ITERATION_BUDGET_EXCEEDED);
        }
    }
}
