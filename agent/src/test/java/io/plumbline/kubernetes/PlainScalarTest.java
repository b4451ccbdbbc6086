package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kubernetes.ManifestValue.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Kubernetes' parser makes of the same scalars was asked for each row. */
class PlainScalarTest {

    @ParameterizedTest
    @ValueSource(strings = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
    void isTrue(String scalar) {
        assertThat(PlainScalar.of(scalar).type()).isEqualTo(ScalarType.TRUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
    void isFalse(String scalar) {
        assertThat(PlainScalar.of(scalar).type()).isEqualTo(ScalarType.FALSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "~", "null", "Null", "NULL"})
    void isNothing(String scalar) {
        assertThat(PlainScalar.of(scalar).type()).isEqualTo(ScalarType.NULL);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "7, 7",
        "-1, -1",
        "+10, 10",
        "-0, 0",
        "010, 8",
        "-010, -8",
        "0o17, 15",
        "0O17, 15",
        "0x1F, 31",
        "0X1f, 31",
        "-0x1f, -31",
        "0b11, 3",
        "0B11, 3",
        "-0b11, -3",
        "1_000, 1000",
        "0x1_F, 31",
        "1_, 1",
        "08, 8",
        "089, 89",
        "1.0, 1",
        "80., 80",
        "1e3, 1000",
        "12e03, 12000",
        "1E+3, 1000",
        "-0.0, 0",
        "9223372036854775807, 9223372036854775807",
        "9223372036854775808, 9223372036854775808",
        "1e20, 100000000000000000000"
    })
    void isAWholeNumber(String scalar, String decimal) {
        assertThat(PlainScalar.of(scalar)).isEqualTo(new PlainScalar(ScalarType.INTEGER, decimal));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", ".5", "-.5", "1e-2", "1e21", "00.5", ".inf", "-.Inf", "+.INF", ".nan", ".NaN"})
    void isANumberWithAFraction(String scalar) {
        assertThat(PlainScalar.of(scalar).type()).isEqualTo(ScalarType.DECIMAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tRue",
                "oN",
                "yEs",
                "nil",
                "1:30",
                "190:20:30",
                "2001-01-01",
                "1.2.3",
                "1-2",
                "_1",
                "--1",
                "+-1",
                "+",
                "-",
                ".",
                "..",
                "0x",
                "0b2",
                "0o8",
                "0xg",
                "1e",
                "e3",
                "1d",
                "0x1p3",
                "1e999",
                "3e831",
                ".9_",
                "Infinity",
                "NaN",
                "<<",
                "=",
                "1,000",
                "0x111111111111111111111111111111111111111111111111111111111111111111111111111"
            })
    void isText(String scalar) {
        assertThat(PlainScalar.of(scalar)).isEqualTo(new PlainScalar(ScalarType.TEXT, scalar));
    }
}
