package io.plumbline.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * What goes back, whole.
 *
 * @param headers beside Content-Type and those that every answer has
 */
record Answer(int status, String contentType, Buffer body, Map<String, String> headers) {

    static Answer json(JsonNode body) {
        return new Answer(200, "application/json", Buffer.buffer(JsonBytes.of(body)), Map.of());
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
        return new Answer(status, "application/problem+json", Buffer.buffer(JsonBytes.of(body)), Map.of());
    }

    Answer with(String header, String value) {
        return new Answer(status, contentType, body, Map.of(header, value));
    }
}
