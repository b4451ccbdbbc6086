package io.plumbline.kubernetes;

import static io.plumbline.kubernetes.PodListReaderTest.META;
import static io.plumbline.kubernetes.PodListReaderTest.read;
import static io.plumbline.kubernetes.PodListReaderTest.reader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is no list of pods, or not all of one: each is refused in one line that says what was found, and where. */
class RefusedPodListTest {
    @Test
    void whatIsNoListOfPodsIsSaidInItsOwnWords() {
        assertThat(refused("{\"kind\":\"Status\",\"message\":\"pods is forbidden\\u001b[31m\",\"code\":403}"))
                .isEqualTo("here: an error of the API instead of pods: 'pods is forbidden\\u001b[31m'");
        assertThat(refused("{\"kind\":\"Deployment\",\"spec\":{}}")).contains("a JSON object of kind 'Deployment'");
        assertThat(refused("{}")).contains("a JSON object without a kind");
        assertThat(refused("null")).contains("a JSON object without a kind");
        assertThat(refused("[]")).contains("expected an object, found a list");
        assertThat(refused("17")).contains("expected an object, found '17'");
        assertThat(refused("  \n")).contains("empty");
        assertThat(refused("apiVersion: v1\nkind: Pod\n"))
                .contains("not JSON")
                .contains("'apiVersion: v1\\nkind: Pod\\n'");
        assertThat(refused("{\"kind\":\"List\",\"items\":[{\"kind\":\"Service\"}]}"))
                .contains("no pod in the list, only 'Service'");
    }

    @Test
    void valueOfAnotherTypeIsAnErrorWithItsPlace() {
        assertThat(refused("{\"kind\":\"PodList\",\n \"items\":[{" + META + ",\n  \"spec\":{\"hostPID\":\"yes\"}}]}"))
                .isEqualTo("here: not a list of pods: at line 3, column 21 (byte 108), in '/items/0/spec/hostPID':"
                        + " expected true or false, found the text 'yes'");
        assertThat(refused("{\"items\":{}}")).contains("expected a list, found an object");
        assertThat(refused("{\"items\":[{" + META + ",\"spec\":{\"containers\":[{\"name\":7}]}}]}"))
                .contains("'/items/0/spec/containers/0/name'")
                .contains("expected a text, found '7'");
        assertThat(refused("{\"items\":[{" + META + ",\"spec\":{\"securityContext\":{\"runAsUser\":1.5}}}]}"))
                .contains("expected a whole number, found '1.5'");
        assertThat(refused("{\"items\":[{" + META
                        + ",\"spec\":{\"securityContext\":{\"fsGroup\":99999999999999999999}}}]}"))
                .contains("expected a whole number of 64 bits");
        assertThat(refused("{\"items\":[{" + META
                        + ",\"spec\":{\"containers\":[{\"name\":\"a\",\"ports\":[{\"containerPort\":70000}]}]}}]}"))
                .contains("expected a port, found '70000'");
    }

    @Test
    void podWithoutIdentityIsAnError() {
        assertThat(refused("{\"items\":[{\"spec\":{}}]}")).contains("a pod without metadata.name");
        assertThat(refused("{\"items\":[{\"metadata\":{\"name\":\"a\"}}]}"))
                .contains("pod 'a' without metadata.namespace");
        assertThat(refused("{\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"b\",\"uid\":\"\"}}]}"))
                .contains("pod 'b/a' without metadata.uid: a manifest, not a running pod");
        assertThat(refused("{\"items\":[{" + META + ",\"spec\":{\"containers\":[{}]}}]}"))
                .contains("a container without a name");
    }

    @Test
    void textThatEndsInTheMiddleIsToldWhere() {
        assertThat(refused("{\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"we"))
                .isEqualTo("here: not a list of pods: it ends in the middle, at line 1, column 51 (byte 50),"
                        + " in '/items/0/metadata/name'");
    }

    @Test
    void textBehindTheEndIsAnError() {
        assertThat(refused("{\"kind\":\"PodList\",\"items\":[]} {}")).contains("more text behind the end");
        assertThat(refused("{\"kind\":\"PodList\",\"items\":[]}]")).contains("not JSON");
    }

    @Test
    void depthIsLimited() {
        String deep = "{\"kind\":\"PodList\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + ",\"items\":[]}";
        assertThat(refused(deep)).contains("larger than accepted").hasSizeLessThan(500);
    }

    @Test
    void lengthOfATextIsLimited() {
        String longName = "{\"items\":[{\"metadata\":{\"name\":\"" + "x".repeat(5 << 20) + "\"}}]}";
        assertThat(refused(longName)).contains("larger than accepted").hasSizeLessThan(600);
    }

    @Test
    void invalidUtf8IsAnError() {
        byte[] text = "{\"items\":[{\"metadata\":{\"name\":\"a?\"}}]}".getBytes(StandardCharsets.UTF_8);
        text[32] = (byte) 0xff;
        assertThatThrownBy(() -> reader().read(new ByteArrayInputStream(text), "here"))
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("not JSON");
    }

    private static String refused(String json) {
        try {
            throw new AssertionError("read: " + read(json));
        } catch (KubeletException e) {
            assertThat(e.getMessage()).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
            return e.getMessage();
        }
    }
}
