package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** docs/reference/api.md is made from the document that {@code /openapi.json} serves. */
class ApiPageTest {
    private static final Path PAGE = Path.of("../docs/reference/api.md");

    @Test
    void thePageIsWhatTheDocumentSays() throws IOException {
        JsonNode document;
        try (InputStream in = Objects.requireNonNull(Api.class.getResourceAsStream("openapi.json"))) {
            document = new ObjectMapper().readTree(in);
        }
        StringBuilder page = new StringBuilder(
                        "# The HTTP API\n\nGenerated from `/openapi.json`, which has every detail.\n\n")
                .append(document.at("/info/description").asText())
                .append("\n\n## Paths\n\n| path | what | parameters |\n| --- | --- | --- |\n");
        document.get("paths")
                .properties()
                .forEach(path -> row(document, path.getKey(), path.getValue().get("get"), page));
        page.append("\n## Parameters\n\n| parameter | values | what |\n| --- | --- | --- |\n");
        document.at("/components/parameters")
                .forEach(parameter -> page.append("| `")
                        .append(parameter.get("name").asText())
                        .append("` | ")
                        .append(type(parameter.get("schema")))
                        .append(" | ")
                        .append(cell(parameter.path("description").asText()))
                        .append(" |\n"));
        document.at("/components/schemas")
                .properties()
                .forEach(schema -> schema(schema.getKey(), schema.getValue(), page));
        String now = page.toString();
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(PAGE, now);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(now);
    }

    private static void row(JsonNode document, String path, JsonNode get, StringBuilder page) {
        List<String> parameters = new ArrayList<>();
        for (JsonNode parameter : get.path("parameters")) {
            String name = parameter.has("$ref")
                    ? document.at(parameter.get("$ref").asText().substring(1))
                            .get("name")
                            .asText()
                    : parameter.get("name").asText();
            parameters.add("`" + name + "`");
        }
        page.append("| `")
                .append(path)
                .append("` | ")
                .append(cell(get.get("summary").asText()))
                .append(" | ")
                .append(String.join(" ", parameters))
                .append(" |\n");
    }

    private static void schema(String name, JsonNode schema, StringBuilder page) {
        if (!schema.has("properties")) {
            return;
        }
        page.append("\n## ").append(name).append("\n\n");
        if (schema.has("description")) {
            page.append(schema.get("description").asText()).append("\n\n");
        }
        page.append("| field | type | what |\n| --- | --- | --- |\n");
        fields("", schema, page);
    }

    private static void fields(String prefix, JsonNode schema, StringBuilder page) {
        schema.path("properties").properties().forEach(field -> {
            JsonNode value = field.getValue();
            page.append("| `")
                    .append(prefix)
                    .append(field.getKey())
                    .append("` | ")
                    .append(type(value))
                    .append(" | ")
                    .append(cell(value.path("description").asText()))
                    .append(" |\n");
            fields(prefix + field.getKey() + ".", value, page);
            fields(prefix + field.getKey() + "[].", value.path("items"), page);
        });
    }

    private static String type(JsonNode schema) {
        if (schema.has("$ref")) {
            String ref = schema.get("$ref").asText();
            return ref.substring(ref.lastIndexOf('/') + 1);
        }
        if (schema.has("enum")) {
            List<String> words = new ArrayList<>();
            schema.get("enum").forEach(word -> words.add("`" + word.asText() + "`"));
            return String.join(", ", words);
        }
        for (String choice : List.of("oneOf", "anyOf")) {
            if (schema.has(choice)) {
                List<String> types = new ArrayList<>();
                schema.get(choice).forEach(one -> types.add(type(one)));
                return String.join(" or ", types);
            }
        }
        JsonNode type = schema.path("type");
        if (type.isArray()) {
            List<String> types = new ArrayList<>();
            type.forEach(one -> types.add(one.asText()));
            return String.join(" or ", types);
        }
        if (type.asText().equals("array")) {
            return "list of " + type(schema.path("items"));
        }
        return type.asText("any")
                + (schema.has("format") ? " (" + schema.get("format").asText() + ")" : "");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}
