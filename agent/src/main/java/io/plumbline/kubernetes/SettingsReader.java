package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a file of settings: one YAML or JSON object of names and plain values. */
public final class SettingsReader {

    private SettingsReader() {}

    /**
     * Reads to the end.
     *
     * @throws ManifestException if it is no such object: one line with all that is wrong, each with its line and column
     */
    public static List<Setting> read(InputStream in) throws IOException, ManifestException {
        YamlDocuments documents = new YamlDocuments(ManifestText.read(in));
        Optional<ManifestValue> document = documents.next();
        if (document.isEmpty()) {
            return List.of();
        }
        if (!(document.get() instanceof Mapping mapping)) {
            throw new ManifestException(
                    document.get().line(),
                    document.get().column(),
                    "found " + document.get().words() + " where lines such as 'scan-interval: 15s' were expected");
        }
        List<Setting> settings = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Field field : mapping.fields()) {
            if (field.value() instanceof Scalar scalar && scalar.type() != ScalarType.NULL) {
                settings.add(new Setting(field.name(), scalar.text(), field.line()));
            } else {
                problems.add("line " + field.line() + ", column " + field.column() + ": " + Excerpt.of(field.name())
                        + " is " + field.value().words() + ", not a plain value");
            }
        }
        if (documents.next().isPresent()) {
            problems.add("a second document; put all settings into one");
        }
        if (!problems.isEmpty()) {
            throw new ManifestException(problems);
        }
        return settings;
    }

    /**
     * One line of the file.
     *
     * @param value as it is written; booleans as {@code true} and {@code false}
     * @param line from 1 on
     */
    public record Setting(String name, String value, int line) {}
}
