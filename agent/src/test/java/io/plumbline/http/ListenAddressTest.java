package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9447, 127.0.0.1:9447",
        "127.9.9.9:1, 127.9.9.9:1",
        "localhost:0, 127.0.0.1:0",
        "[::1]:9447, [0:0:0:0:0:0:0:1]:9447"
    })
    void loopbackIsTaken(String text, String shown) {
        assertThat(ListenAddress.parse(text)).hasToString(shown);
        assertThat(ListenAddress.parse(text).isLoopback()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:9447", "10.0.0.1:9447", "[::]:9447", "[fe80::1]:9447", "192.168.1.1:1"})
    void whatOthersCanReachIsNoLoopback(String text) {
        assertThat(ListenAddress.parse(text).isLoopback()).isFalse();
    }

    /** Trap: an IPv4 address written as IPv6 is still the one that others can reach. */
    @Test
    void mappedAddressCountsAsTheOneInIt() {
        assertThat(ListenAddress.parse("[::ffff:10.0.0.1]:9447").isLoopback()).isFalse();
        assertThat(ListenAddress.parse("[::ffff:127.0.0.1]:9447").host()).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "9447",
                ":9447",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:99999",
                "127.0.0.1:-1",
                "::1:9447",
                "*:9447",
                "node1:9447",
                "localhost.:9447",
                "300.0.0.1:80",
                "127.0.0.1:80:80",
                "[127.0.0.1:80",
                "http://127.0.0.1:80"
            })
    void whatIsNoAddressIsRefusedInOneLine(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ListenAddress.parse(text))
                .satisfies(failure -> assertThat(failure.getMessage())
                        .contains("'" + text + "'")
                        .doesNotContain("\n"));
    }
}
