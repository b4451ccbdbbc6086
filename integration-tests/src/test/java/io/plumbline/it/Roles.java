package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** The objects of a manifest as a cluster would hold them, and its ClusterRoles as a cluster would ask them. */
final class Roles {
    private final List<JsonNode> objects;
    private final Set<String> used = new ConcurrentSkipListSet<>();

    private Roles(List<JsonNode> objects) {
        this.objects = objects;
    }

    static Roles of(Path manifest) {
        try (MappingIterator<JsonNode> documents =
                new YAMLMapper().readerFor(JsonNode.class).readValues(manifest.toFile())) {
            return new Roles(documents.readAll());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode object(String kind, String name) {
        return objects.stream()
                .filter(object -> object.path("kind").asText().equals(kind)
                        && object.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    /** Does a ClusterRole give this right? Its use is remembered. */
    boolean allows(String role, String verb, String group, String resource) {
        boolean allowed = false;
        for (JsonNode rule : object("ClusterRole", role).get("rules")) {
            allowed |=
                    holds(rule, "verbs", verb) && holds(rule, "apiGroups", group) && holds(rule, "resources", resource);
        }
        if (allowed) {
            used.add(verb + " " + resource);
        }
        return allowed;
    }

    /** Does it let somebody get a path that is no object? */
    boolean allowsPath(String role, String path) {
        for (JsonNode rule : object("ClusterRole", role).get("rules")) {
            for (JsonNode url : rule.path("nonResourceURLs")) {
                String pattern = url.asText();
                if (pattern.equals(path)
                        || (pattern.endsWith("*") && path.startsWith(pattern.substring(0, pattern.length() - 1)))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Each verb and resource that was asked for and given. */
    Set<String> used() {
        return Set.copyOf(used);
    }

    Set<String> given(String role) {
        Set<String> given = new TreeSet<>();
        for (JsonNode rule : object("ClusterRole", role).get("rules")) {
            rule.get("verbs")
                    .forEach(verb -> rule.path("resources")
                            .forEach(resource -> given.add(verb.asText() + " " + resource.asText())));
        }
        return given;
    }

    private static boolean holds(JsonNode rule, String field, String word) {
        List<String> words = new ArrayList<>();
        rule.path(field).forEach(each -> words.add(each.asText()));
        return words.contains(word);
    }
}
