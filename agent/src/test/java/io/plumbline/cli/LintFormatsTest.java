package io.plumbline.cli;

import static io.plumbline.cli.Manifests.BAD;
import static io.plumbline.cli.Manifests.BROKEN;
import static io.plumbline.cli.Manifests.GOOD;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.checks.policy.PolicyCheck;
import io.plumbline.checks.policy.PolicyChecks;
import io.plumbline.cli.Commands.Result;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** {@code plumbline lint --output}: the same answer as a table, JSON, SARIF and JUnit's XML. */
class LintFormatsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void jsonIsTheContract() throws Exception {
        String file = file("two.yaml", BAD + "---\n" + GOOD);
        Result result = Commands.run("lint", "--output", "json", file);
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).isEmpty();
        assertThat(JSON.readTree(result.out())).isEqualTo(JSON.readTree("""
                                {"files": [{"file": "FILE", "documents": [
                                  {"kind": "Pod", "name": "bad", "allowed": false, "violations": [
                                    {"check": "host-namespaces", "message": "hostPID is true in the pod. Leave it out, or set it to false."},
                                    {"check": "privileged", "message": "securityContext.privileged is true in container \\"a\\". Leave it out, or set it to false."}]},
                                  {"kind": "Pod", "name": "good", "allowed": true, "violations": []}]}]}
                                """.replace("FILE", file)));
    }

    @Test
    void jsonSaysMoreOnlyWhereThereIsMoreToSay() throws Exception {
        Result result = Commands.run(
                "lint",
                "--output",
                "json",
                file("other.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"),
                file("odd.yaml", GOOD.replace("{containers", "{hostPid: true, containers")),
                file("broken.yaml", BROKEN));
        JsonNode files = JSON.readTree(result.out()).get("files");
        assertThat(files.get(0).at("/documents/0/allowed").asBoolean()).isTrue();
        assertThat(files.get(0).at("/documents/0/notes/0").asText()).isEqualTo("no pod in it");
        assertThat(files.get(1).at("/documents/0/notes/0").asText())
                .isEqualTo("line 4: unknown field 'spec.hostPid' has no effect; did you mean 'hostPID'?");
        assertThat(files.get(2).get("documents")).isEmpty();
        assertThat(files.get(2).get("error").asText()).startsWith("line 2, column 6: not YAML: ");
    }

    @Test
    void tableShowsWhatIsWrongAndCountsTheRest() throws Exception {
        String file = file(
                "all.yaml",
                GOOD + "---\n" + BAD + "---\nkind: Service\n---\n"
                        + GOOD.replace("{containers", "{hostPid: true, containers")
                        + "---\napiVersion: apps/v1\nkind: Deployment\n");
        Result result = Commands.run("lint", file);
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out().lines())
                .containsExactly(
                        file + ":6: Pod bad: violates baseline v1.37",
                        "    host-namespaces: hostPID is true in the pod. Leave it out, or set it to false.",
                        "    privileged: securityContext.privileged is true in container \"a\". Leave it out, or set it to false.",
                        "",
                        file + ":13: Pod good: allowed by baseline v1.37",
                        "    note: line 16: unknown field 'spec.hostPid' has no effect; did you mean 'hostPID'?",
                        "",
                        file + ":18: Deployment without a name: no pod in it",
                        "    note: spec is missing: the API server refuses it",
                        "",
                        "5 objects in 1 file: 2 allowed by baseline v1.37, 1 not, 2 without a pod.",
                        "Next: plumbline explain host-namespaces");
    }

    @Test
    void everyFormatIsAsciiWhateverNamesAre() throws Exception {
        String file = file(
                "gr\u00fcn \u202e.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\e[31m\\u202e\\0\u00e9\"}\nspec: {\"x\\e\": 1, containers: [{name: \"]]>\\u0007<&\\uFFFE\","
                        + " securityContext: {privileged: true}}]}\n");
        String broken = file("\u00e9.yaml", "kind: \"\\q\u00e9\"");
        for (String format : List.of("table", "json", "sarif", "junit")) {
            Result result = Commands.run("lint", "--output", format, file, broken);
            assertThat(result.status()).isEqualTo(2);
            assertThat(US_ASCII.newEncoder().canEncode(result.out() + result.err()))
                    .isTrue();
            assertThat(result.out() + result.err()).doesNotContain("\u001b", "\u0007", "\u0000");
        }
    }

    @Test
    void sarifNamesRuleFileAndLine() throws Exception {
        String file = file("with space:.yaml", GOOD + "---\n" + BAD);
        String broken = file("broken.yaml", BROKEN);
        JsonNode sarif = JSON.readTree(
                Commands.run("lint", "--output", "sarif", file, broken).out());
        assertThat(sarif.get("version").asText()).isEqualTo("2.1.0");
        JsonNode run = sarif.at("/runs/0");
        assertThat(run.at("/tool/driver/name").asText()).isEqualTo("plumbline");
        List<String> rules = run.at("/tool/driver/rules").findValuesAsText("id");
        assertThat(rules)
                .hasSize(12)
                .isSubsetOf(PolicyChecks.all().stream().map(PolicyCheck::id).toList());
        assertThat(run.get("results")).hasSize(2).allSatisfy(result -> {
            assertThat(result.get("level").asText()).isEqualTo("error");
            assertThat(rules.get(result.get("ruleIndex").asInt()))
                    .isEqualTo(result.get("ruleId").asText());
            JsonNode place = result.at("/locations/0/physicalLocation");
            assertThat(Path.of(URI.create(place.at("/artifactLocation/uri").asText())))
                    .isEqualTo(Path.of(file));
            assertThat(place.at("/region/startLine").asInt()).isEqualTo(6);
            assertThat(result.at("/locations/0/logicalLocations/0/fullyQualifiedName")
                            .asText())
                    .isEqualTo("Pod/bad");
        });
        assertThat(run.at("/results/0/message/text").asText())
                .isEqualTo("Pod bad: hostPID is true in the pod. Leave it out, or set it to false.");
        JsonNode invocation = run.at("/invocations/0");
        assertThat(invocation.get("executionSuccessful").asBoolean()).isFalse();
        JsonNode notification = invocation.at("/toolExecutionNotifications/0");
        assertThat(notification.get("level").asText()).isEqualTo("error");
        assertThat(notification.at("/message/text").asText()).startsWith("line 2, column 6: not YAML");
        assertThat(Path.of(URI.create(notification
                        .at("/locations/0/physicalLocation/artifactLocation/uri")
                        .asText())))
                .isEqualTo(Path.of(broken));
    }

    @Test
    void junitHasACasePerObject() throws Exception {
        String all = file(
                "all.yaml",
                GOOD + "---\n" + BAD + "---\nkind: Service\nmetadata: {name: s}\n---\n"
                        + GOOD.replace("{containers", "{hostPid: true, containers"));
        String broken = file("broken.yaml", BROKEN);
        Document xml = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(Commands.run("lint", "--output", "junit", all, broken)
                        .out()
                        .getBytes(UTF_8)));
        List<Element> suites = elements(xml.getDocumentElement(), "testsuite");
        assertThat(suites).hasSize(2);
        assertThat(numbers(suites.get(0))).containsExactly("4", "1", "0", "1");
        assertThat(numbers(suites.get(1))).containsExactly("1", "0", "1", "0");
        assertThat(suites.get(0).getAttribute("name")).isEqualTo(all);
        assertThat(suites.get(0).getAttribute("timestamp")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d");
        assertThat(elements(suites.get(0), "testcase"))
                .extracting(element -> element.getAttribute("name"))
                .containsExactly("Pod good", "Pod bad", "Service s", "Pod good");
        Element failure = elements(suites.get(0), "failure").get(0);
        assertThat(failure.getAttribute("message")).isEqualTo("host-namespaces, privileged");
        assertThat(failure.getTextContent())
                .startsWith("line 6\nhost-namespaces: hostPID is true in the pod.")
                .contains("\nprivileged: securityContext.privileged is true");
        assertThat(elements(suites.get(0), "skipped")).hasSize(1);
        assertThat(elements(suites.get(0), "system-out").get(0).getTextContent())
                .isEqualTo("Pod good: line 17: unknown field 'spec.hostPid' has no effect; did you mean 'hostPID'?\n");
        assertThat(elements(suites.get(1), "error").get(0).getAttribute("message"))
                .startsWith("line 2, column 6: not YAML");
    }

    private String file(String name, String text) throws IOException {
        return Manifests.write(directory.resolve(name), text);
    }

    private static List<String> numbers(Element suite) {
        return List.of(
                suite.getAttribute("tests"),
                suite.getAttribute("failures"),
                suite.getAttribute("errors"),
                suite.getAttribute("skipped"));
    }

    private static List<Element> elements(Element parent, String name) {
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < parent.getElementsByTagName(name).getLength(); i++) {
            elements.add((Element) parent.getElementsByTagName(name).item(i));
        }
        return elements;
    }
}
