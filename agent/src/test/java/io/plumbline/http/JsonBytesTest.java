package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.report.AsciiJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class JsonBytesTest {

    @Test
    void aTreeIsWrittenAsAMapperWouldWriteIt() throws JsonProcessingException {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("text", "\u007f \u00e4 \u2028 \" \\ \n")
                .put("empty", "")
                .put("", "no name")
                .putNull("null");
        tree.put("true", true)
                .put("int", -7)
                .put("long", Long.MIN_VALUE)
                .put("double", 0.1)
                .put("float", 0.1f);
        tree.put("large", BigInteger.ONE.shiftLeft(100)).put("decimal", new BigDecimal("1.50"));
        tree.putArray("list").add(1).addNull().add("x").addArray().addObject().put("deep", 2.5e300);
        tree.putObject("none");
        tree.putArray("nobody");

        assertThat(new String(JsonBytes.of(tree), StandardCharsets.US_ASCII))
                .isEqualTo(JsonMapper.builder(AsciiJson.factory()).build().writeValueAsString(tree));
    }
}
