package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import io.plumbline.kubernetes.ManifestValue.Sequence;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ExceptionRule.Selector;
import io.plumbline.model.FindingKind;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads a file of exceptions, YAML or JSON:
 *
 * <pre>
 * exceptions:
 * - selector: {namespace: kube-system, workload: node-exporter, check: host-pid}
 *   reason: reads the node's processes, which is its purpose
 *   owner: observability
 *   expires: 2027-06-30
 * </pre>
 */
public final class ExceptionsReader {

    private static final String SELECTORS =
            Arrays.stream(Selector.values()).map(Selector::word).collect(Collectors.joining(", "));

    private static final List<String> KINDS =
            Arrays.stream(FindingKind.values()).map(FindingKind::word).toList();

    private final List<String> problems = new ArrayList<>();

    private ExceptionsReader() {}

    /**
     * Reads to the end.
     *
     * @throws ManifestException if it is not all right: with all that is wrong, each with its line and column
     */
    public static List<ExceptionRule> read(InputStream in) throws IOException, ManifestException {
        YamlDocuments documents = new YamlDocuments(ManifestText.read(in));
        Optional<ManifestValue> document = documents.next();
        ExceptionsReader reader = new ExceptionsReader();
        List<ExceptionRule> rules = document.isEmpty() ? List.of() : reader.file(document.get());
        if (document.isPresent() && documents.next().isPresent()) {
            reader.problems.add("a second document; put all exceptions into one");
        }
        if (!reader.problems.isEmpty()) {
            throw new ManifestException(reader.problems);
        }
        return rules;
    }

    private List<ExceptionRule> file(ManifestValue file) {
        if (!(file instanceof Mapping mapping)) {
            return nothing(file, "found " + file.words() + " where 'exceptions:' with a list was expected");
        }
        unknown(mapping, List.of("exceptions"));
        Optional<ManifestValue> list = mapping.get("exceptions");
        if (list.isEmpty()) {
            return List.of();
        }
        if (!(list.get() instanceof Sequence sequence)) {
            return nothing(list.get(), "'exceptions' is " + list.get().words() + ", not a list");
        }
        List<ExceptionRule> rules = new ArrayList<>();
        for (ManifestValue element : sequence.elements()) {
            if (element instanceof Mapping rule) {
                rule(rule).ifPresent(rules::add);
            } else {
                problem(element, "an exception is " + element.words() + ", not an object");
            }
        }
        return rules;
    }

    private Optional<ExceptionRule> rule(Mapping rule) {
        int before = problems.size();
        unknown(rule, List.of("selector", "reason", "owner", "expires"));
        Map<Selector, String> selector = selector(rule);
        String reason = text(rule, "reason");
        String owner = text(rule, "owner");
        String expires = text(rule, "expires");
        LocalDate day = LocalDate.EPOCH;
        try {
            day = expires.isEmpty() ? day : LocalDate.parse(expires);
        } catch (DateTimeException e) {
            problem(
                    rule.get("expires").orElse(rule),
                    "'expires' is " + Excerpt.of(expires) + ", not a day such as 2027-06-30");
        }
        return problems.size() > before
                ? Optional.empty()
                : Optional.of(new ExceptionRule(selector, reason, owner, day));
    }

    private Map<Selector, String> selector(Mapping rule) {
        Map<Selector, String> selector = new EnumMap<>(Selector.class);
        Optional<ManifestValue> value = rule.get("selector");
        if (value.isEmpty() || !(value.get() instanceof Mapping mapping)) {
            problem(value.orElse(rule), "'selector' is missing or no object; name at least one of " + SELECTORS);
            return selector;
        }
        for (Field field : mapping.fields()) {
            Optional<Selector> name = Arrays.stream(Selector.values())
                    .filter(one -> one.word().equals(field.name()))
                    .findFirst();
            if (name.isEmpty()) {
                problems.add(at(field.line(), field.column()) + "the selector " + Excerpt.of(field.name())
                        + " is unknown; use " + SELECTORS);
            } else {
                selector.put(name.get(), text(mapping, field.name()));
            }
        }
        Optional.ofNullable(selector.get(Selector.KIND))
                .filter(kind -> !kind.isEmpty() && !kind.contains(ExceptionRule.ANY) && !KINDS.contains(kind))
                .ifPresent(kind -> problem(
                        mapping.get(Selector.KIND.word()).orElse(mapping),
                        "the kind " + Excerpt.of(kind) + " is unknown; use " + String.join(", ", KINDS)));
        if (mapping.fields().isEmpty()) {
            problem(mapping, "'selector' is empty; name at least one of " + SELECTORS);
        }
        return selector;
    }

    /** A text that is not empty; what is missing is a problem. */
    private String text(Mapping mapping, String name) {
        Optional<ManifestValue> value = mapping.get(name);
        if (value.isPresent()
                && value.get() instanceof Scalar scalar
                && scalar.type() != ScalarType.NULL
                && !scalar.text().isBlank()) {
            return scalar.text();
        }
        problem(value.orElse(mapping), Excerpt.of(name) + " is missing or no text");
        return "";
    }

    private void unknown(Mapping mapping, List<String> known) {
        for (Field field : mapping.fields()) {
            if (!known.contains(field.name())) {
                problems.add(at(field.line(), field.column()) + "the field " + Excerpt.of(field.name())
                        + " is unknown; there are " + String.join(", ", known));
            }
        }
    }

    private List<ExceptionRule> nothing(ManifestValue where, String what) {
        problem(where, what);
        return List.of();
    }

    private void problem(ManifestValue where, String what) {
        problems.add(at(where.line(), where.column()) + what);
    }

    private static String at(int line, int column) {
        return "line " + line + ", column " + column + ": ";
    }
}
