package io.plumbline.daemonset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The chart, rendered by Helm itself. */
final class Chart {

    static final Path DIRECTORY = repository().resolve("daemonset/chart");

    /** What is applied without Helm is rendered for this version; older clusters take it too, but for objects that they do not know. */
    private static final String TODAY = "1.33.0";

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Chart() {}

    /** With these values, a YAML document; empty for the defaults. */
    static Manifests render(String values) {
        return render(values, TODAY);
    }

    /** As for a cluster of this version. */
    static Manifests render(String values, String version) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                TemplateCommand command = new Helm(DIRECTORY)
                        .template()
                        .withName("plumbline")
                        .withNamespace("plumbline")
                        .withKubeVersion(version)
                        .withValuesFile(file);
                return Manifests.of(command.call());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode values() {
        return yaml(DIRECTORY.resolve("values.yaml"));
    }

    static JsonNode yaml(Path file) {
        try {
            return YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The words that Helm's linter says. */
    static List<String> lint() {
        return new Helm(DIRECTORY).lint().strict().call().getMessages();
    }

    static Path repository() {
        return Path.of(System.getProperty("plumbline.repository", ".."));
    }
}
