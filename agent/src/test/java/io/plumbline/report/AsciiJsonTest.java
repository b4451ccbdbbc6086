package io.plumbline.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

class AsciiJsonTest {

    @Test
    void deleteIsEscapedThoughItIsAscii() throws Exception {
        JsonMapper json = new JsonMapper(AsciiJson.factory());
        String name = "a\u007fb\u001b\u009b\u2028\ud83d\ude00~";

        String written = json.writeValueAsString(name);

        assertThat(written).matches("[ -~]*").contains("\\u007F");
        assertThat(json.readValue(written, String.class)).isEqualTo(name);
    }
}
