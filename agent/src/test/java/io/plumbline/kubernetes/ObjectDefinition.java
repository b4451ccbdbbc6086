package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The definition of a kind of object, made from a record: a field per component, all of them required but those that are optional, have
 * a default (an enum's first constant) or may be empty (a map).
 *
 * @param part the field beside {@code metadata} that the record is of: {@code spec} or {@code status}
 */
record ObjectDefinition(
        String kind,
        String plural,
        String shortName,
        String description,
        String part,
        Class<?> type,
        List<Column> columns) {

    /** What {@code kubectl get} shows; {@code wide}: only with {@code -o wide}. */
    record Column(String type, String name, String path, boolean wide) {
        static Column of(String type, String name, String path) {
            return new Column(type, name, path, false);
        }

        static Column wide(String type, String name, String path) {
            return new Column(type, name, path, true);
        }
    }

    /** Compares with what is in the chart; {@code -Dgolden.write=true} writes it again. */
    void isInTheChart(Class<?> test) throws IOException {
        Path file = file();
        String now = "# Made from " + type.getName() + " by " + test.getSimpleName() + ".\n"
                + YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .disable(YAMLGenerator.Feature.SPLIT_LINES)
                        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                        .build()
                        .writeValueAsString(json());
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(file, now);
        }
        assertThat(Files.readString(file)).isEqualTo(now);
    }

    void hasColumnsOfFieldsThatThereAre() {
        for (Column column : columns) {
            if (!column.path().startsWith(".metadata.")) {
                String path = "/spec/versions/0/schema/openAPIV3Schema/properties"
                        + column.path().replace(".", "/properties/").replaceFirst("^/properties", "");
                assertThat(json().at(path).isMissingNode()).as(column.path()).isFalse();
            }
        }
    }

    void isOneByTheApisTypes() throws IOException {
        CustomResourceDefinition read =
                Serialization.unmarshal(Files.readString(file()), CustomResourceDefinition.class);
        assertThat(read.getAdditionalProperties()).isEmpty();
        assertThat(read.getSpec().getAdditionalProperties()).isEmpty();
        assertThat(read.getSpec().getVersions()).singleElement().satisfies(version -> {
            assertThat(version.getAdditionalProperties()).isEmpty();
            assertThat(version.getSchema().getOpenAPIV3Schema().getProperties()).containsKey(part);
        });
    }

    private Path file() {
        return Path.of("../daemonset/chart/files/" + plural + ".crd.yaml");
    }

    private ObjectNode json() {
        ObjectNode crd = JsonNodeFactory.instance.objectNode();
        crd.put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
        crd.putObject("metadata").put("name", plural + "." + ClusterWrites.GROUP);
        ObjectNode spec =
                crd.putObject("spec").put("group", ClusterWrites.GROUP).put("scope", "Cluster");
        ObjectNode names = spec.putObject("names")
                .put("kind", kind)
                .put("listKind", kind + "List")
                .put("plural", plural)
                .put("singular", kind.toLowerCase(Locale.ROOT));
        names.putArray("shortNames").add(shortName);
        ObjectNode version = spec.putArray("versions")
                .addObject()
                .put("name", ClusterWrites.VERSION)
                .put("served", true)
                .put("storage", true);
        for (Column column : columns) {
            ObjectNode shown = version.withArray("additionalPrinterColumns").addObject();
            shown.put("name", column.name()).put("type", column.type()).put("jsonPath", column.path());
            if (column.wide()) {
                shown.put("priority", 1);
            }
        }
        ObjectNode schema = version.putObject("schema")
                .putObject("openAPIV3Schema")
                .put("type", "object")
                .put("description", description);
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("apiVersion").put("type", "string");
        properties.putObject("kind").put("type", "string");
        properties.putObject("metadata").put("type", "object");
        properties.set(part, ofRecord(type));
        if (part.equals("spec")) {
            schema.putArray("required").add(part);
        }
        return crd;
    }

    private static ObjectNode ofRecord(Class<?> type) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        for (RecordComponent component : type.getRecordComponents()) {
            Type of = component.getGenericType();
            boolean optional = component.getType() == Optional.class;
            ObjectNode field = schema(optional ? argument(of, 0) : of, component);
            JsonPropertyDescription said = component.getAccessor().getAnnotation(JsonPropertyDescription.class);
            assertThat(said).as("the description of %s", component).isNotNull();
            properties.set(component.getName(), field.put("description", said.value()));
            if (!optional
                    && component.getType() != Map.class
                    && !component.getType().isEnum()) {
                schema.withArray("required").add(component.getName());
            }
        }
        Rule rule = type.getAnnotation(Rule.class);
        if (rule != null) {
            schema.withArray("x-kubernetes-validations")
                    .addObject()
                    .put("rule", rule.expression())
                    .put("message", rule.message());
        }
        return schema;
    }

    private static ObjectNode schema(Type type, RecordComponent component) {
        Bounds bounds = component.getAnnotation(Bounds.class);
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        if (type == String.class) {
            schema.put("type", "string").put("maxLength", bounds.length());
        } else if (type == int.class || type == long.class || type == Integer.class) {
            schema.put("type", "integer").put("format", "int64").put("minimum", 0);
        } else if (type instanceof Class<?> choice && choice.isEnum()) {
            schema.put("type", "string");
            for (Object constant : choice.getEnumConstants()) {
                schema.withArray("enum").add(constant.toString().toLowerCase(Locale.ROOT));
            }
            schema.put("default", choice.getEnumConstants()[0].toString().toLowerCase(Locale.ROOT));
        } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
            schema.put("type", "object").put("maxProperties", bounds.items());
            schema.putObject("additionalProperties").put("type", "string").put("maxLength", bounds.length());
        } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            schema.put("type", "array").put("maxItems", bounds.items()).put("x-kubernetes-list-type", "atomic");
            schema.set("items", ofRecord((Class<?>) argument(list, 0)));
        } else {
            return ofRecord((Class<?>) type);
        }
        return schema;
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }
}
