package io.plumbline.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.plumbline.report.AsciiJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Trees as they are sent. Without a mapper: it is made of 300 classes, and no value here needs more than its own kind to be written. */
final class JsonBytes {

    /** Only ASCII leaves, whatever a process calls itself. */
    private static final JsonFactory JSON = AsciiJson.factory();

    private JsonBytes() {}

    static byte[] of(JsonNode body) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            write(body, json);
        } catch (IOException e) {
            throw new UncheckedIOException("a tree of plain values can always be written", e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonNode node, JsonGenerator json) throws IOException {
        switch (node.getNodeType()) {
            case OBJECT -> {
                json.writeStartObject();
                for (Map.Entry<String, JsonNode> field : node.properties()) {
                    json.writeFieldName(field.getKey());
                    write(field.getValue(), json);
                }
                json.writeEndObject();
            }
            case ARRAY -> {
                json.writeStartArray();
                for (JsonNode element : node) {
                    write(element, json);
                }
                json.writeEndArray();
            }
            case STRING -> json.writeString(node.textValue());
            case BOOLEAN -> json.writeBoolean(node.booleanValue());
            case NULL -> json.writeNull();
            case NUMBER -> number(node, json);
            default -> throw new IllegalArgumentException("no plain value: " + node.getNodeType());
        }
    }

    private static void number(JsonNode node, JsonGenerator json) throws IOException {
        switch (node.numberType()) {
            case INT, LONG -> json.writeNumber(node.longValue());
            case FLOAT -> json.writeNumber(node.floatValue());
            case DOUBLE -> json.writeNumber(node.doubleValue());
            case BIG_INTEGER -> json.writeNumber(node.bigIntegerValue());
            case BIG_DECIMAL -> json.writeNumber(node.decimalValue());
        }
    }
}
