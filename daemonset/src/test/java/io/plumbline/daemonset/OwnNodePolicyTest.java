package io.plumbline.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The admission policy that keeps an agent's token to its own node, its expressions evaluated on requests as an API server of 1.30 hands them
 * to a policy: the fields of an AdmissionRequest, with those left out that are empty.
 */
class OwnNodePolicyTest {
    private static final String AGENT = "system:serviceaccount:plumbline:plumbline-agent";
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static final String NODE = """
        metadata:
          name: node1
          labels: {kubernetes.io/hostname: node1, pool: a}
          annotations: {volumes.kubernetes.io/controller-managed-attach-detach: "true"}
        spec:
          podCIDRs: [10.0.0.0/24]
          providerID: cloud://1
          taints:
            - {key: plumbline.io/profiles-not-ready, effect: NoSchedule}
            - {key: node.kubernetes.io/unreachable, effect: NoExecute, timeAdded: "2026-11-21T12:00:00Z"}
        """;

    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("request", SimpleType.DYN)
            .addVar("object", SimpleType.DYN)
            .addVar("oldObject", SimpleType.DYN)
            .addVar("variables", SimpleType.DYN)
            .build();

    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.standardCelRuntimeBuilder().build();

    private final JsonNode policy = Chart.render("publish: {openReports: true, readiness: true}")
            .kind("ValidatingAdmissionPolicy")
            .findFirst()
            .orElseThrow()
            .get("spec");

    @ParameterizedTest
    @CsvSource({"nodereports, node1", "clusterreports, plumbline-node1"})
    void theReportOfItsOwnNodeMayBeWritten(String resource, String name) {
        assertThat(refusal(request(resource, "CREATE", "node1"), named(name), "{}"))
                .isEmpty();
        assertThat(refusal(request(resource, "UPDATE", "node1"), named(name), named(name)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "nodereports, node2",
        "nodereports, plumbline-node1",
        "nodereports, ''",
        "clusterreports, node1",
        "clusterreports, plumbline-node2",
        "nodes, node2"
    })
    void whatIsOfAnotherNodeMayNot(String resource, String name) {
        assertThat(refusal(request(resource, "UPDATE", "node1"), named(name), named(name)))
                .get()
                .asString()
                .contains("token is bound to");
    }

    /** One that was made by hand, or by an API server older than 1.30. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "extra: {}",
                "extra: {authentication.kubernetes.io/pod-name: [plumbline-x]}",
                "extra: {authentication.kubernetes.io/node-name: ['']}"
            })
    void aTokenThatIsBoundToNoNodeWritesNothing(String user) {
        String request =
                "operation: CREATE\nresource: {group: plumbline.io, version: v1alpha1, resource: nodereports}\n"
                        + "userInfo: {username: \"" + AGENT + "\""
                        + (user.equals("{}") ? "" : ", " + user) + "}";
        assertThat(refusal(request, named("node1"), "{}")).isPresent();
        assertThat(refusal(request, named(""), "{}")).isPresent();
    }

    @Test
    void whoIsNoAgentIsNotItsBusiness() {
        String kubelet = request("nodes", "UPDATE", "node1").replace(AGENT, "system:node:node2");
        assertThat(refusal(kubelet, named("node2"), named("node2"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pool: a} => pool: a, plumbline.io/profiles: ready}",
                "    - {key: plumbline.io/profiles-not-ready, effect: NoSchedule}\n => ",
            })
    void ofItsOwnNodeItMayChangeItsLabelAndTakeItsTaintAway(String change) {
        String before = NODE;
        String after = changed(change);
        assertThat(refusal(request("nodes", "UPDATE", "node1"), after, before)).isEmpty();
    }

    @Test
    void itMayTakeItsLabelAway() {
        assertThat(refusal(
                        request("nodes", "UPDATE", "node1"),
                        NODE,
                        changed("pool: a} => pool: a, plumbline.io/profiles: ready}")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pool: a} => pool: b}",
                ", pool: a} => }",
                "pool: a} => pool: a, node-role.kubernetes.io/control-plane: ''}",
                "    - {key: node.kubernetes.io/unreachable, effect: NoExecute, timeAdded: \"2026-11-21T12:00:00Z\"}\n => ",
                "effect: NoExecute => effect: NoSchedule",
                "  taints:\n =>   taints:\n    - {key: plumbline.io/mine, effect: NoExecute}\n",
                "effect: NoSchedule => effect: NoExecute",
                "  providerID: cloud://1 =>   providerID: cloud://2",
                "  podCIDRs: [10.0.0.0/24] =>   podCIDRs: [10.0.0.0/8]",
                "spec:\n => spec:\n  unschedulable: true\n",
                "  annotations: =>   finalizers: [mine]\n  annotations:",
                "  annotations: =>   ownerReferences: [{uid: a}]\n  annotations:",
                "annotations: {volumes.kubernetes.io/controller-managed-attach-detach: \"true\"} => annotations: {}"
            })
    void nothingElseOfItsNodeMayBeChanged(String change) {
        assertThat(refusal(request("nodes", "UPDATE", "node1"), changed(change), NODE))
                .isPresent();
    }

    @Test
    void noNodeMayBeMade() {
        assertThat(refusal(request("nodes", "CREATE", "node1"), NODE, "{}")).isPresent();
    }

    /** A taint of a node is not to be put back by who may take it away. */
    @Test
    void theTaintMayNotBePutBack() {
        assertThat(refusal(
                        request("nodes", "UPDATE", "node1"),
                        NODE,
                        changed("    - {key: plumbline.io/profiles-not-ready, effect: NoSchedule}\n => ")))
                .isPresent();
    }

    @Test
    void thePolicyIsAskedForEverythingThatAnAgentMayWriteOfANode() {
        assertThat(policy.at("/failurePolicy").asText()).isEqualTo("Fail");
        assertThat(policy.at("/matchConstraints/resourceRules").findValuesAsText("resources"))
                .hasSize(3);
        StringBuilder matched = new StringBuilder();
        policy.at("/matchConstraints/resourceRules").forEach(rule -> {
            assertThat(rule.get("operations").toString()).isEqualTo("[\"CREATE\",\"UPDATE\"]");
            matched.append(rule.get("resources"));
        });
        assertThat(matched).hasToString("[\"nodereports\"][\"clusterreports\"][\"nodes\"]");
    }

    private static String changed(String change) {
        String[] words = change.split(" => ", -1);
        assertThat(NODE).contains(words[0]);
        return NODE.replace(words[0], words[1]);
    }

    private static String named(String name) {
        return "metadata: {name: '" + name + "'}\nspec: {}";
    }

    private static String request(String resource, String operation, String node) {
        return """
            operation: %s
            resource: {group: any, version: v1, resource: %s}
            userInfo:
              username: %s
              uid: u
              groups: [system:serviceaccounts, system:authenticated]
              extra:
                authentication.kubernetes.io/node-name: [%s]
                authentication.kubernetes.io/pod-name: [plumbline-abcde]
            """.formatted(operation, resource, AGENT, node);
    }

    /** The message of the first rule that says no; empty where the policy lets it pass, or is not for it. */
    private Optional<String> refusal(String request, String object, String oldObject) {
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("request", map(request));
        seen.put("object", map(object));
        seen.put("oldObject", map(oldObject));
        for (JsonNode condition : policy.get("matchConditions")) {
            if (!holds(condition, seen)) {
                return Optional.empty();
            }
        }
        Map<String, Object> variables = new LinkedHashMap<>();
        seen.put("variables", variables);
        for (JsonNode variable : policy.get("variables")) {
            try {
                variables.put(variable.get("name").asText(), evaluate(variable, seen));
            } catch (CelEvaluationException e) {
                // As there: an error is one where the variable is asked for.
            }
        }
        for (JsonNode validation : policy.get("validations")) {
            if (!holds(validation, seen)) {
                return Optional.of(validation.get("message").asText());
            }
        }
        return Optional.empty();
    }

    /** What cannot be evaluated is a no, with {@code failurePolicy: Fail}. */
    private static boolean holds(JsonNode expression, Map<String, Object> seen) {
        try {
            return evaluate(expression, seen).equals(true);
        } catch (CelEvaluationException e) {
            return false;
        }
    }

    private static Object evaluate(JsonNode expression, Map<String, Object> seen) throws CelEvaluationException {
        String text = expression.get("expression").asText();
        try {
            return RUNTIME.createProgram(COMPILER.compile(text).getAst()).eval(seen);
        } catch (CelValidationException e) {
            throw new AssertionError(text, e);
        }
    }

    private static Map<String, Object> map(String yaml) {
        try {
            return YAML.readValue(yaml, new TypeReference<>() {});
        } catch (IOException e) {
            throw new AssertionError(yaml, e);
        }
    }
}
