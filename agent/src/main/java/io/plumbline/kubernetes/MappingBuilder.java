package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A mapping as it grows: no name twice.
 *
 * <p>What is merged by YAML's {@code <<} and what stands in the mapping itself overwrite each other in the order of the text, as in
 * Kubernetes' parser; other parsers prefer what stands in the mapping wherever it stands.
 */
final class MappingBuilder {

    private final int line;
    private final int column;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final Map<String, Field> own = new HashMap<>();

    MappingBuilder(int line, int column) {
        this.line = line;
        this.column = column;
    }

    void add(Field field) throws ManifestException {
        Field before = own.putIfAbsent(field.name(), field);
        if (before != null) {
            throw new ManifestException(
                    field.line(),
                    field.column(),
                    "the field " + Excerpt.of(field.name()) + " stands here again, first in line " + before.line()
                            + "; leave one out");
        }
        fields.put(field.name(), field);
    }

    void merge(Mapping other) {
        other.fields().forEach(field -> fields.put(field.name(), field));
    }

    Mapping build() {
        long size = 1;
        for (Field field : fields.values()) {
            size += field.value().size();
        }
        return new Mapping(line, column, List.copyOf(fields.values()), size);
    }
}
