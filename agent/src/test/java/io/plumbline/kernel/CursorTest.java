package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CursorTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1, 0, -1",
        "1, 1, 1",
        "2, 1, -1",
        "10, 9, -1",
        "4294967295, 4294967295, 4294967295",
        "4294967296, 4294967295, -1",
        "9223372036854775807, 9223372036854775807, 9223372036854775807",
        "9223372036854775808, 9223372036854775807, -1",
        "99999999999999999999, 9223372036854775807, -1",
        "-1, 5, -1",
        "'', 5, -1"
    })
    void numberBeyondTheLimitIsNoNumber(String text, long max, long expected) {
        assertThat(Content.of("", text).cursor().decimal(max)).isEqualTo(expected);
    }

    @Test
    void hexWordHasSixteenDigits() {
        assertThat(Content.of("", "000001fffeffffff").cursor().isHexWord()).isTrue();
        assertThat(Content.of("", "ffffffffffffffff").cursor().hexWord()).isEqualTo(-1L);
        assertThat(Content.of("", "1fffeffffff").cursor().isHexWord()).isFalse();
        assertThat(Content.of("", "00000000a80425f_").cursor().isHexWord()).isFalse();
    }
}
