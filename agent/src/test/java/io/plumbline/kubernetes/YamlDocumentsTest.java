package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Kubernetes' parser (go.yaml.in/yaml/v2 behind sigs.k8s.io/yaml) makes of the same text was asked for each row. */
class YamlDocumentsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: &x {p: 1}~b: *x | {\"a\":{\"p\":1},\"b\":{\"p\":1}}",
                "a: &x 1~b: &x 2~c: *x | {\"a\":1,\"b\":2,\"c\":2}",
                "a: &x k~*x : 1 | {\"a\":\"k\",\"k\":1}",
                "a: &x {p: 1}~b: {<<: *x, q: 2} | {\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":2}}",
                "a: &x {p: 1}~b: {<<: *x, p: 2} | {\"a\":{\"p\":1},\"b\":{\"p\":2}}",
                "a: &x {p: 1}~b: {p: 2, <<: *x} | {\"a\":{\"p\":1},\"b\":{\"p\":1}}",
                "a: &x {p: 1}~b: &z {p: 2, q: 2}~c: {<<: [*x, *z]} | {\"a\":{\"p\":1},\"b\":{\"p\":2,\"q\":2},\"c\":{\"p\":1,\"q\":2}}",
                "<<: {a: 1} | {\"a\":1}",
                "'<<': {a: 1} | {\"<<\":{\"a\":1}}",
                "a: <<  | {\"a\":\"<<\"}",
                "a: !!str 1 | {\"a\":\"1\"}",
                "a: !!int 0x10 | {\"a\":16}",
                "a: !!int '1' | {\"a\":1}",
                "a: !!bool yes | {\"a\":true}",
                "a: !!float 1 | {\"a\":1}",
                "a: !!null '' | {\"a\":null}",
                "a: ! yes | {\"a\":\"yes\"}",
                "a: !other yes | {\"a\":\"yes\"}",
                "a: 'yes' | {\"a\":\"yes\"}",
                "a: \"\\u0041\" | {\"a\":\"A\"}",
                "a: >-~  yes~  no | {\"a\":\"yes no\"}",
                "1: a | {\"1\":\"a\"}",
                "a: [1, {b: []}, ''] | {\"a\":[1,{\"b\":[]},\"\"]}",
                "%YAML 1.1~---~a: 1 | {\"a\":1}",
            })
    void meansWhatItMeansToKubernetes(String text, String json) throws Exception {
        assertThat(json(new YamlDocuments(text.replace('~', '\n')).next().orElseThrow()))
                .isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a: *x | line 1, column 4: no anchor 'x' stands before this alias in the document",
                "a: &x [*x] | line 1, column 8: the value of the anchor 'x' holds itself",
                "a: &x {b: {<<: *x}} | line 1, column 16: the value of the anchor 'x' holds itself",
                "<<: 1 | line 1, column 5: '<<' merges an object or a list of objects, not '1'",
                "<<: [{a: 1}, b] | line 1, column 5: '<<' merges an object or a list of objects, not the text 'b'",
                "? [a]~: b | line 1, column 3: a field's name must be a text",
                "~: b | line 1, column 1: a field's name must be a text",
                "a: !!int x | line 1, column 4: 'x' is not what its tag 'tag:yaml.org,2002:int' says",
                "a: !!bool 1 | line 1, column 4: '1' is not what its tag 'tag:yaml.org,2002:bool' says",
                "a: 1~b: 2~a: 3 | line 3, column 1: the field 'a' stands here again, first in line 1; leave one out",
                "a: {b: 1, b: 1} | line 1, column 11: the field 'b' stands here again, first in line 1; leave one out",
                "a:~\tb: 1 | line 2, column 1: not YAML: found character '\\t(TAB)' that cannot start any token.",
                "a: b: c | line 1, column 5: not YAML: mapping values are not allowed here",
                "a: [1 | line 1, column 6: not YAML: expected ',' or ']', but got <stream end>",
                "a: 'x | line 1, column 6: not YAML: found unexpected end of stream",
                "a: \u0007b | line 1, column 4: not YAML: the character U+0007 is not allowed",
                "# \ud83d\ude00~b: \u0001b | line 2, column 4: not YAML: the character U+0001 is not allowed",
                "%YAML 2.0~---~a | line 1, column 1: not YAML: found incompatible YAML document",
            })
    void errorHasItsPlaceAndOneLine(String text, String message) {
        String lines = text.replaceFirst("^~:", "null:").replace('~', '\n');
        assertThatThrownBy(() -> new YamlDocuments(lines).next())
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void anchorsEndWithTheirDocument() throws Exception {
        YamlDocuments documents = new YamlDocuments("a: &x 1\n---\nb: *x\n");
        assertThat(documents.next()).isPresent();
        assertThatThrownBy(documents::next)
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("line 3, column 4: no anchor 'x'");
    }

    @Test
    void billionLaughsAreRefusedWithoutBeingLaughed() {
        StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (char c = 'b'; c < 'z'; c++) {
            String before = "*" + (char) (c - 1);
            bomb.append(c).append(": &").append(c).append(" [").append(before);
            bomb.append(", ").append(before).append(", ").append(before).append("]\n");
        }
        assertRefusedSoon(bomb.toString(), "aliases make this document more than 1,000,000 values large; split it");
    }

    @Test
    void manyMergesOfALargeObjectAreRefusedBeforeTheyAreMade() {
        String large = IntStream.range(0, 50_000).mapToObj(i -> "k" + i + ": 1").collect(Collectors.joining(","));
        assertRefusedSoon("b: &b {" + large + "}\nl:\n" + "- <<: *b\n".repeat(100_000), "aliases make");
        assertRefusedSoon(
                "b: &b {" + large + "}\nc: {<<: [" + "*b,".repeat(100_000) + "]}\n", "aliases make this document more");
    }

    @Test
    void documentWithTooManyValuesIsRefused() {
        assertRefusedSoon("a: [" + "1,".repeat(1_100_000) + "]", "its text makes this document more than 1,000,000");
    }

    @Test
    void nestingHasAnEnd() throws Exception {
        assertThat(new YamlDocuments("[".repeat(100) + "]".repeat(100)).next()).isPresent();
        assertRefusedSoon("[".repeat(200_000), "line 1, column 102: nested deeper than 100 levels");
        assertRefusedSoon("{a: ".repeat(200_000), "nested deeper than 100 levels");
        assertRefusedSoon("- ".repeat(200_000), "nested deeper than 100 levels");
    }

    @Test
    void tenMegabytesAreReadInBoundedMemory() throws Exception {
        String pod = "- kind: Pod\n  text: " + "x".repeat(1000) + "\n";
        YamlDocuments documents = new YamlDocuments(pod.repeat(10_000));
        Optional<ManifestValue> document = documents.next();
        assertThat(document.orElseThrow().size()).isEqualTo(1 + 10_000 * 3);
        assertThat(documents.next()).isEmpty();
    }

    private static void assertRefusedSoon(String text, String because) {
        assertTimeoutPreemptively(
                SOON,
                () -> assertThatThrownBy(() -> new YamlDocuments(text).next())
                        .isInstanceOf(ManifestException.class)
                        .hasMessageContaining(because));
    }

    private static String json(ManifestValue value) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            value.write(json);
        }
        return text.toString();
    }
}
