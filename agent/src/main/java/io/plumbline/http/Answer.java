package io.plumbline.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.report.AsciiJson;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * What goes back, whole.
 *
 * @param headers beside Content-Type and those that every answer has
 */
record Answer(int status, String contentType, Buffer body, Map<String, String> headers) {

    /** Only ASCII leaves, whatever a process calls itself. */
    private static final JsonMapper JSON =
            JsonMapper.builder(AsciiJson.factory()).build();

    static Answer json(JsonNode body) {
        return new Answer(200, "application/json", Buffer.buffer(bytes(body)), Map.of());
    }

    static Answer text(int status, String body) {
        return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(body), Map.of());
    }

    /** RFC 9457; the status alone says what kind of problem it is. */
    static Answer problem(int status, String title, String detail) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("type", "about:blank");
        body.put("title", title);
        body.put("status", status);
        body.put("detail", detail);
        return new Answer(status, "application/problem+json", Buffer.buffer(bytes(body)), Map.of());
    }

    Answer with(String header, String value) {
        return new Answer(status, contentType, body, Map.of(header, value));
    }

    static byte[] bytes(JsonNode body) {
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values can always be written", e);
        }
    }
}
