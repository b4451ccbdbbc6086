package io.plumbline.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.report.AsciiJson;

/** Trees as they are sent. By itself, so that the server listens before a mapper is made, of 300 classes. */
final class JsonBytes {

    /** Only ASCII leaves, whatever a process calls itself. */
    private static final JsonMapper JSON =
            JsonMapper.builder(AsciiJson.factory()).build();

    private JsonBytes() {}

    static byte[] of(JsonNode body) {
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values can always be written", e);
        }
    }
}
