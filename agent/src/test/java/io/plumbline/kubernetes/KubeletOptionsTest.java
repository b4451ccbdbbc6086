package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubeletOptionsTest {

    @ParameterizedTest
    @CsvSource({
        "https://node7:10250, https://node7:10250",
        "https://node7, https://node7:10250",
        "https://node7/, https://node7:10250",
        "https://192.0.2.1:10251/, https://192.0.2.1:10251",
        "https://[2001:db8::7], https://[2001:db8::7]:10250",
        "https://[::1]:443/api/v1/nodes/n/proxy/, https://[::1]:443/api/v1/nodes/n/proxy",
    })
    void addressIsCompleted(String written, URI meant) {
        assertThat(KubeletOptions.url(written)).isEqualTo(meant);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "node7",
                "node7:10250",
                "https://",
                "https://a b",
                "https://node_7:10250",
                "https://user:secret@node7",
                "https://node7?x=1",
                "https://node7#x",
                "ftp://node7",
                "file:///etc/passwd"
            })
    void whatIsNoAddressIsSaid(String written) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KubeletOptions.url(written))
                .withMessageContaining("is no address of a kubelet; expected https://HOST:10250");
    }

    @Test
    void addressWithoutTlsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KubeletOptions.url("http://node7:10255"))
                .withMessageContaining("is not https");
    }

    @Test
    void keyWithoutCertificateIsRefused() {
        URI url = KubeletOptions.url("https://node7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KubeletOptions(
                        url,
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        Optional.of(Path.of("key")),
                        Optional.empty(),
                        false,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1)))
                .withMessage("a client key without a client certificate");
    }

    @Test
    void timeoutOfNothingIsRefused() {
        URI url = KubeletOptions.url("https://node7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KubeletOptions(
                        url,
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Duration.ofSeconds(1),
                        Duration.ZERO))
                .withMessageContaining("timeouts must be positive");
    }
}
