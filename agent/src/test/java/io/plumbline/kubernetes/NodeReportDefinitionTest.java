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
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The definition of {@code NodeReport} in the chart, made from the Java type. {@code -Dgolden.write=true} writes it again.
 */
class NodeReportDefinitionTest {
    private static final Path FILE = Path.of("../daemonset/chart/files/nodereports.crd.yaml");
    private static final String HEAD = "# Made from io.plumbline.kubernetes.NodeReport by NodeReportDefinitionTest.\n";

    /** Type, name, JSONPath, and whether only {@code -o wide} shows it. */
    private static final List<String[]> COLUMNS = List.of(
            new String[] {"integer", "Critical", ".status.findings.critical", ""},
            new String[] {"integer", "High", ".status.findings.high", ""},
            new String[] {"integer", "Medium", ".status.findings.medium", ""},
            new String[] {"integer", "Undetermined", ".status.undetermined", ""},
            new String[] {"integer", "Containers", ".status.containers", ""},
            new String[] {"string", "AppArmor", ".status.node.appArmor", ""},
            new String[] {"date", "Scanned", ".status.observedAt", ""},
            new String[] {"string", "Kernel", ".status.node.kernel", "wide"},
            new String[] {"string", "Agent", ".status.agentVersion", "wide"},
            new String[] {"string", "Trouble", ".status.trouble", "wide"});

    @Test
    void theChartHasTheDefinitionThatTheTypeMakes() throws IOException {
        String now = HEAD
                + YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .disable(YAMLGenerator.Feature.SPLIT_LINES)
                        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                        .build()
                        .writeValueAsString(definition());
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(FILE, now);
        }
        assertThat(Files.readString(FILE)).isEqualTo(now);
    }

    @Test
    void everyColumnShowsAFieldThatThereIs() {
        for (String[] column : COLUMNS) {
            String path = "/spec/versions/0/schema/openAPIV3Schema/properties"
                    + column[2].substring(1).replace(".", "/properties/").replaceFirst("^", "/");
            assertThat(definition().at(path).isMissingNode()).as(column[2]).isFalse();
        }
    }

    @Test
    void itIsADefinitionByTheApisTypes() throws IOException {
        CustomResourceDefinition read = Serialization.unmarshal(Files.readString(FILE), CustomResourceDefinition.class);
        assertThat(read.getAdditionalProperties()).isEmpty();
        assertThat(read.getSpec().getAdditionalProperties()).isEmpty();
        assertThat(read.getSpec().getVersions()).singleElement().satisfies(version -> {
            assertThat(version.getAdditionalProperties()).isEmpty();
            assertThat(version.getSchema().getOpenAPIV3Schema().getProperties()).containsKey("status");
        });
    }

    private static ObjectNode definition() {
        ObjectNode crd = JsonNodeFactory.instance.objectNode();
        crd.put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
        crd.putObject("metadata").put("name", "nodereports." + ClusterWrites.GROUP);
        ObjectNode spec =
                crd.putObject("spec").put("group", ClusterWrites.GROUP).put("scope", "Cluster");
        ObjectNode names = spec.putObject("names")
                .put("kind", "NodeReport")
                .put("listKind", "NodeReportList")
                .put("plural", "nodereports")
                .put("singular", "nodereport");
        names.putArray("shortNames").add("nrp");
        ObjectNode version = spec.putArray("versions")
                .addObject()
                .put("name", ClusterWrites.VERSION)
                .put("served", true)
                .put("storage", true);
        for (String[] column : COLUMNS) {
            ObjectNode shown = version.withArray("additionalPrinterColumns").addObject();
            shown.put("name", column[1]).put("type", column[0]).put("jsonPath", column[2]);
            if (!column[3].isEmpty()) {
                shown.put("priority", 1);
            }
        }
        ObjectNode schema = version.putObject("schema")
                .putObject("openAPIV3Schema")
                .put("type", "object")
                .put(
                        "description",
                        "What the agent of one node says of it. Written by that agent alone; goes with the node.");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("apiVersion").put("type", "string");
        properties.putObject("kind").put("type", "string");
        properties.putObject("metadata").put("type", "object");
        properties.set("status", ofRecord(NodeReport.class));
        return crd;
    }

    private static ObjectNode ofRecord(Class<?> type) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        for (RecordComponent component : type.getRecordComponents()) {
            Type of = component.getGenericType();
            boolean optional = component.getType() == Optional.class;
            ObjectNode field = schema(optional ? argument(of) : of, component);
            JsonPropertyDescription said = component.getAccessor().getAnnotation(JsonPropertyDescription.class);
            assertThat(said).as("the description of %s", component).isNotNull();
            properties.set(component.getName(), field.put("description", said.value()));
            if (!optional) {
                schema.withArray("required").add(component.getName());
            }
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
        } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            schema.put("type", "array").put("maxItems", bounds.items()).put("x-kubernetes-list-type", "atomic");
            schema.set("items", ofRecord((Class<?>) argument(list)));
        } else {
            return ofRecord((Class<?>) type);
        }
        return schema;
    }

    private static Type argument(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }
}
