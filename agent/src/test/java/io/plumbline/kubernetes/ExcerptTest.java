package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExcerptTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "plain words, plain words",
                "Grüße 日本 😀, Grüße 日本 😀",
                "`a\nb\r\tc`, a\\nb\\r\\tc",
                "`\u001b[31mred\u0007`, \\u001b[31mred\\u0007",
                "`\u202eright\u2066\u200b`, \\u202eright\\u2066\\u200b",
                "`\u2028\u0085\u007f`, \\u2028\\u0085\\u007f",
                "`\ud800`, \\ud800",
                "`\ue000\uffff`, \\ue000\\uffff",
                "`\udb40\udc41`, \\u{e0041}",
            })
    void showsWhatCanBeShownAndEscapesTheRest(String hostile, String shown) {
        assertThat(Excerpt.of(hostile)).isEqualTo("'" + shown + "'");
        assertThat(Excerpt.line(hostile)).isEqualTo(shown);
    }

    @Test
    void cutsWhatIsLong() {
        assertThat(Excerpt.of("x".repeat(200))).isEqualTo("'" + "x".repeat(200) + "'");
        assertThat(Excerpt.of("x".repeat(201))).isEqualTo("'" + "x".repeat(200) + "...'");
        assertThat(Excerpt.of("x".repeat(5000).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("'" + "x".repeat(200) + "...'");
    }
}
