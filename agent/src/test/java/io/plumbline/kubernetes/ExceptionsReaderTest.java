package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ExceptionRule.Selector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExceptionsReaderTest {

    @Test
    void yamlAndJsonSayTheSame() throws Exception {
        List<ExceptionRule> expected = List.of(new ExceptionRule(
                Map.of(Selector.NAMESPACE, "kube-system", Selector.CHECK, "host-pid"),
                "reads the node's processes",
                "observability",
                LocalDate.parse("2027-06-30")));
        assertThat(read("""
                # accepted by the review of November
                exceptions:
                - selector: {namespace: kube-system, check: host-pid}
                  reason: reads the node's processes
                  owner: observability
                  expires: 2027-06-30
                """)).isEqualTo(expected);
        assertThat(read("""
                {"exceptions": [{"selector": {"namespace": "kube-system", "check": "host-pid"},
                 "reason": "reads the node's processes", "owner": "observability", "expires": "2027-06-30"}]}""")).isEqualTo(expected);
        assertThat(read("")).isEmpty();
        assertThat(read("exceptions: []")).isEmpty();
    }

    @Test
    void allThatIsWrongIsSaidAtOnceWithItsPlace() {
        assertThatThrownBy(() -> read("""
                        exceptions:
                        - selector: {namespaces: shop}
                          reason: "  "
                          expires: soon
                          until: 2027-01-01
                        - {reason: r, owner: o, expires: 2027-02-30, selector: {}}
                        - all of it
                        """))
                .isInstanceOf(ManifestException.class)
                .message()
                .contains(
                        "line 2, column 14: the selector 'namespaces' is unknown",
                        "line 3, column 11: 'reason' is missing or no text",
                        "line 2, column 3: 'owner' is missing or no text",
                        "line 4, column 12: 'expires' is 'soon', not a day such as 2027-06-30",
                        "line 5, column 3: the field 'until' is unknown",
                        "'expires' is '2027-02-30'",
                        "'selector' is empty",
                        "line 7, column 3: an exception is the text")
                .doesNotContain("\n");
    }

    @Test
    void whoAcceptsEverythingIsRefused() {
        assertThatThrownBy(() -> read("exceptions: [{reason: r, owner: o, expires: 2027-01-01}]"))
                .hasMessageContaining("'selector' is missing");
    }

    @Test
    void kindIsOneOfThoseThereAre() throws IOException, ManifestException {
        String file = "exceptions: [{selector: {kind: %s}, reason: r, owner: o, expires: 2027-01-01}]";
        assertThatThrownBy(() -> read(file.formatted("drifts")))
                .hasMessageContaining(
                        "line 1, column 32: the kind 'drifts' is unknown; use drift, policy, inert, node,");
        assertThat(read(file.formatted("drift"))).hasSize(1);
        assertThat(read(file.formatted("'p*'"))).hasSize(1);
    }

    @Test
    void whatIsNoFileOfExceptionsIsRefused() {
        assertThatThrownBy(() -> read("- a")).hasMessageContaining("'exceptions:' with a list was expected");
        assertThatThrownBy(() -> read("exceptions: none")).hasMessageContaining("not a list");
        assertThatThrownBy(() -> read("exeptions: []")).hasMessageContaining("'exeptions' is unknown");
        assertThatThrownBy(() -> read("exceptions: []\n---\nexceptions: []")).hasMessageContaining("a second document");
        assertThatThrownBy(() -> read("exceptions: [")).isInstanceOf(ManifestException.class);
    }

    private static List<ExceptionRule> read(String text) throws IOException, ManifestException {
        return ExceptionsReader.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
