package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonPointer;
import io.plumbline.kubernetes.JsonCursor.UnexpectedValueException;
import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Sequence;

/** Finds in the manifest's text what a reader found wrong in its values. */
record ValuePath(JsonPointer pointer) {

    /** The problem, with the line and column of the value that the pointer leads to. */
    ManifestException problem(Mapping root, UnexpectedValueException problem) {
        ManifestValue value = root;
        StringBuilder path = new StringBuilder();
        for (JsonPointer rest = pointer; !rest.matches(); rest = rest.tail()) {
            if (value instanceof Mapping mapping) {
                String name = rest.getMatchingProperty();
                value = mapping.fields().stream()
                        .filter(field -> field.name().equals(name))
                        .map(Field::value)
                        .findFirst()
                        .orElse(value);
                path.append(path.isEmpty() ? "" : ".").append(name);
            } else if (value instanceof Sequence sequence) {
                int index = rest.getMatchingIndex();
                if (index >= 0 && index < sequence.elements().size()) {
                    value = sequence.elements().get(index);
                }
                path.append('[').append(index).append(']');
            }
        }
        return new ManifestException(
                value.line(), value.column(), problem.getMessage() + ", in " + Excerpt.of(path.toString()));
    }
}
