package io.plumbline.daemonset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;

/** Objects in one text, as {@code kubectl apply -f} takes it. */
record Manifests(String text, List<JsonNode> objects) {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    static Manifests of(String text) {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(text)) {
            return new Manifests(
                    text,
                    documents.readAll().stream()
                            .filter(document -> !document.isNull() && !document.isMissingNode())
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    Stream<JsonNode> kind(String kind) {
        return objects.stream().filter(object -> object.at("/kind").asText().equals(kind));
    }

    JsonNode daemonSet() {
        return kind("DaemonSet").findFirst().orElseThrow();
    }

    JsonNode pod() {
        return daemonSet().at("/spec/template/spec");
    }

    JsonNode container() {
        return pod().at("/containers/0");
    }

    static String yaml(JsonNode object) {
        try {
            return YAML.writeValueAsString(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
