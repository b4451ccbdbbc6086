package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import io.plumbline.kubernetes.ManifestValue.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of one object of a policy. What is wrong is collected, so that all of it can be said at once; a field that nobody asked for is
 * wrong too, because a policy with a misspelt field is weaker than it looks.
 */
final class PolicyFields {

    private final Mapping mapping;
    private final String path;
    private final List<String> problems;
    private final Set<String> known = new HashSet<>();

    /** @param path where the object stands, empty or ending in a dot */
    PolicyFields(Mapping mapping, String path, List<String> problems) {
        this.mapping = mapping;
        this.path = path;
        this.problems = problems;
    }

    private Optional<ManifestValue> value(String name) {
        known.add(name);
        return mapping.get(name);
    }

    /** Something is wrong at a value. */
    void problem(ManifestValue value, String what) {
        problems.add("line " + value.line() + ", column " + value.column() + ": " + what);
    }

    private void unexpected(ManifestValue value, String name, String wanted) {
        problem(value, "expected " + wanted + ", found " + value.words() + ", in '" + path + name + "'");
    }

    Optional<Boolean> flag(String name) {
        Optional<ManifestValue> value = value(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Scalar scalar
                && (scalar.type() == ScalarType.TRUE || scalar.type() == ScalarType.FALSE)) {
            return Optional.of(scalar.type() == ScalarType.TRUE);
        }
        unexpected(value.get(), name, "true or false");
        return Optional.empty();
    }

    Optional<String> text(String name) {
        Optional<ManifestValue> value = value(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Scalar scalar && scalar.type() == ScalarType.TEXT) {
            return Optional.of(scalar.text());
        }
        unexpected(value.get(), name, "a text");
        return Optional.empty();
    }

    /** A text, and the line on which it begins. */
    Optional<Scalar> scalar(String name) {
        Optional<ManifestValue> value = value(name);
        if (value.isPresent() && value.get() instanceof Scalar scalar) {
            return Optional.of(scalar);
        }
        value.ifPresent(other -> unexpected(other, name, "a text"));
        return Optional.empty();
    }

    Optional<Long> number(String name) {
        Optional<ManifestValue> value = value(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Scalar scalar && scalar.type() == ScalarType.INTEGER) {
            try {
                return Optional.of(Long.parseLong(scalar.text()));
            } catch (NumberFormatException e) {
                problem(scalar, "too large a number in '" + path + name + "'");
                return Optional.empty();
            }
        }
        unexpected(value.get(), name, "a whole number");
        return Optional.empty();
    }

    List<ManifestValue> list(String name) {
        Optional<ManifestValue> value = value(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (value.get() instanceof Sequence sequence) {
            return sequence.elements();
        }
        unexpected(value.get(), name, "a list");
        return List.of();
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (ManifestValue element : list(name)) {
            if (element instanceof Scalar scalar && scalar.type() == ScalarType.TEXT) {
                texts.add(scalar.text());
            } else {
                unexpected(element, name, "a text");
            }
        }
        return texts;
    }

    /** The objects of a list. */
    List<PolicyFields> objects(String name) {
        List<PolicyFields> objects = new ArrayList<>();
        for (ManifestValue element : list(name)) {
            if (element instanceof Mapping object) {
                objects.add(new PolicyFields(object, path + name + "[].", problems));
            } else {
                unexpected(element, name, "an object");
            }
        }
        return objects;
    }

    Optional<PolicyFields> object(String name) {
        Optional<ManifestValue> value = value(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof Mapping object) {
            return Optional.of(new PolicyFields(object, path + name + ".", problems));
        }
        unexpected(value.get(), name, "an object");
        return Optional.empty();
    }

    /** An object of texts, such as labels. */
    Map<String, String> map(String name) {
        Map<String, String> map = new HashMap<>();
        Optional<ManifestValue> value = value(name);
        if (value.isPresent() && value.get() instanceof Mapping object) {
            for (Field field : object.fields()) {
                if (field.value() instanceof Scalar scalar && scalar.type() == ScalarType.TEXT) {
                    map.put(field.name(), scalar.text());
                } else {
                    unexpected(field.value(), name + "." + field.name(), "a text");
                }
            }
        } else {
            value.ifPresent(other -> unexpected(other, name, "an object"));
        }
        return map;
    }

    Mapping mapping() {
        return mapping;
    }

    /** All fields that anybody asks for have been asked for: the others are unknown. */
    void end() {
        for (Field field : mapping.fields()) {
            if (!known.contains(field.name())) {
                Optional<String> meant = known.stream()
                        .filter(name -> name.equalsIgnoreCase(field.name()))
                        .findFirst();
                problems.add("line " + field.line() + ", column " + field.column() + ": unknown field "
                        + Excerpt.of(path + field.name())
                        + meant.map(name -> "; did you mean '" + name + "'?").orElse(""));
            }
        }
    }
}
