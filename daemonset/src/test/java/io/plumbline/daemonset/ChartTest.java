package io.plumbline.daemonset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChartTest {
    private static final String HEAD = """
        # Plumbline on every node: kubectl apply -f daemonset/%s
        # Rendered from daemonset/chart; ./mvnw -pl native-helpers,agent,daemonset -Dtest=ChartTest -Dgolden.write=true test renders it again.
        """;

    /** Each value that the schema documents, set to something else than its default. */
    static Stream<String> valuesOfEveryKind() {
        return Stream.of(
                "",
                "createNamespace: true",
                "privileged: false",
                "image: {repository: example/agent, tag: \"1\"}",
                "image: {repository: example/agent, digest: \"sha256:" + "0".repeat(64) + "\", pullPolicy: Always}",
                "imagePullSecrets: [{name: pull}]",
                "listen: \"[::]:9448\"",
                "scanInterval: 1m",
                "extraArgs: [--no-kubelet]",
                "jvmOptions: [-Xmx128m]",
                "tls: {existingSecret: plumbline-tls}",
                "kubelet: {askApiServerInstead: false}",
                "hostRoot: {recursiveReadOnly: IfPossible}",
                "hostRoot: {recursiveReadOnly: Disabled}",
                "stateDirectory: /srv/plumbline",
                "appArmor: {configMap: profiles}",
                "{appArmor: {configMap: profiles}, privileged: false}",
                "appArmor: {objects: false}",
                "hostRoot: {recursiveReadOnly: Enabled}",
                "publish: {report: false}",
                "publish: {events: false}",
                "publish: {report: false, events: false}",
                "publish: {ownNodeOnly: false}",
                "publish: {openReports: true}",
                "publish: {readiness: true}",
                "{publish: {report: false, events: false, openReports: true}, appArmor: {objects: false}}",
                "resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}",
                "priorityClassName: \"\"",
                "maxUnavailable: 3",
                "nodeSelector: {pool: a}",
                "tolerations: []",
                "podAnnotations: {a: b}",
                "podLabels: {a: b}",
                "networkPolicy: {from: []}",
                "networkPolicy: {from: [{podSelector: {matchLabels: {app: prometheus}}}]}",
                "monitoring: {podMonitor: true, rules: true, dashboard: true, labels: {release: a}}",
                "monitoring: {serviceMonitor: true, labels: {release: a}}",
                "{monitoring: {serviceMonitor: true}, tls: {existingSecret: plumbline-tls}}",
                "monitoring: {podMonitor: true, serviceAccount: {name: prometheus, namespace: monitoring}}\n"
                        + "tls: {existingSecret: plumbline-tls}");
    }

    @ParameterizedTest
    @CsvSource({
        "install.yaml, ''",
        "install-least-privilege.yaml, '{createNamespace: true, privileged: false, appArmor: {objects: false}}'"
    })
    void whatIsAppliedWithoutHelmIsWhatTheChartRenders(String name, String values) throws IOException {
        Path file = Chart.repository().resolve("daemonset").resolve(name);
        String now = HEAD.formatted(name)
                + Chart.render(values.isEmpty() ? "createNamespace: true" : values)
                        .text()
                        .strip() + "\n";
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(file, now);
        }
        assertThat(Chart.text(file)).isEqualTo(now);
    }

    @Test
    void helmsLinterHasNothingToSay() {
        assertThat(Chart.lint()).noneMatch(message -> message.contains("[ERROR]") || message.contains("[WARNING]"));
    }

    @ParameterizedTest
    @MethodSource("valuesOfEveryKind")
    void everyObjectIsOneThatTheApiKnowsFieldByField(String values) {
        for (JsonNode object : Chart.render(values).objects()) {
            if (!object.at("/apiVersion").asText().startsWith("monitoring.coreos.com/")) {
                assertThat(ApiTypes.unknownFields(Manifests.yaml(object)))
                        .as("%s of %s", object.at("/kind").asText(), values)
                        .isEmpty();
            }
        }
    }

    @Test
    void aFieldThatTheApiDoesNotKnowIsFound() {
        String wrong = Manifests.yaml(Chart.render("").daemonSet())
                .replace("hostPID:", "hostPid:")
                .replace("readOnlyRootFilesystem:", "readOnlyRootFileSystem:");
        assertThat(ApiTypes.unknownFields(wrong))
                .containsExactlyInAnyOrder(
                        "DaemonSet.Spec.Template.Spec.hostPid",
                        "DaemonSet.Spec.Template.Spec.Containers[0].SecurityContext.readOnlyRootFileSystem");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "privilegd: true",
                "privileged: \"yes\"",
                "listen: localhost",
                "scanInterval: soon",
                "image: {repository: \"\"}",
                "image: {repository: a, digest: \"sha256:1\"}",
                "tls: {secret: a}",
                "stateDirectory: relative",
                "hostRoot: {recursiveReadOnly: Maybe}",
                "monitoring: {podMonitors: true}",
                "monitoring: {podMonitor: true, serviceMonitor: true}",
                "publish: {openreports: true}",
                "{publish: {readiness: true}, appArmor: {objects: false}}",
                "publish: {readiness: true, ownNodeOnly: false}"
            })
    void aValueThatTheSchemaDoesNotKnowIsRefusedByName(String values) {
        String name = values.split("[^a-zA-Z]+", 3)[values.startsWith("{") ? 1 : 0];
        assertThatThrownBy(() -> Chart.render(values)).hasMessageContaining(name);
    }

    @Test
    void theSchemaHasEveryValueAndSaysWhatItMeans() {
        List<String> without = new ArrayList<>();
        compare("", Chart.values(), Chart.yaml(Chart.DIRECTORY.resolve("values.schema.json")), without);
        assertThat(without).isEmpty();
    }

    private static void compare(String path, JsonNode values, JsonNode schema, List<String> without) {
        values.fieldNames().forEachRemaining(name -> {
            JsonNode described = schema.at("/properties/" + name);
            if (described.isMissingNode()) {
                without.add(path + name + " is not in the schema");
            } else if (described.has("properties") && !described.has("description")) {
                compare(path + name + ".", values.get(name), described, without);
            } else if (!described.has("description")) {
                without.add(path + name + " has no description");
            }
        });
        schema.at("/properties").fieldNames().forEachRemaining(name -> {
            if (!values.has(name)) {
                without.add(path + name + " has no default");
            }
        });
    }

    @Test
    void theChartCarriesTheVersionOfTheProject() {
        JsonNode chart = Chart.yaml(Chart.DIRECTORY.resolve("Chart.yaml"));
        var version = Pattern.compile("<version>(.*)</version>")
                .matcher(Chart.text(Chart.repository().resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(chart.get("version").asText()).isEqualTo(version.group(1));
        assertThat(chart.get("appVersion").asText()).isEqualTo(version.group(1));
    }

    @Test
    void noRightIsGivenThatDocsSecurityDoesNotExplain() {
        Set<String> given = new TreeSet<>();
        rights("publish: {openReports: true, readiness: true}")
                .forEach(right -> given.add("`" + right.replace(" ", "` `") + "`"));
        Set<String> explained = new TreeSet<>();
        Pattern.compile("^\\| (`[a-z]+` `[a-z/]+`) \\|", Pattern.MULTILINE)
                .matcher(Chart.text(Chart.repository().resolve("docs/security.md")))
                .results()
                .forEach(match -> explained.add(match.group(1)));
        assertThat(given).isEqualTo(explained);
        assertThat(given.toString()).doesNotContain("nodes/proxy").doesNotContain("*");
    }

    @Test
    void noCapabilityIsAddedThatDocsSecurityDoesNotExplain() {
        JsonNode context = Chart.render("{privileged: false, appArmor: {configMap: profiles}}")
                .container()
                .get("securityContext");
        Set<String> added = new TreeSet<>();
        context.at("/capabilities/add").forEach(capability -> added.add(capability.asText()));
        Set<String> explained = new TreeSet<>();
        Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE)
                .matcher(Chart.text(Chart.repository().resolve("docs/security.md")))
                .results()
                .forEach(match -> explained.add(match.group(1)));
        assertThat(added).isEqualTo(explained);
        assertThat(context.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        assertThat(context.get("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(context.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    }

    @Test
    void profilesAreLoadedOnlyWhereSomebodyAskedForIt() {
        Manifests without = Chart.render("{privileged: false, appArmor: {objects: false}}");
        assertThat(without.text())
                .doesNotContain("MAC_ADMIN")
                .doesNotContain("--apparmor-profiles")
                .doesNotContain("apparmorprofiles");
        Manifests with = Chart.render("{privileged: false, appArmor: {configMap: profiles, objects: false}}");
        assertThat(with.container().get("args").toString())
                .contains("--apparmor-profiles=/etc/plumbline/apparmor")
                .doesNotContain("--apparmor-objects");
        assertThat(with.container().at("/securityContext/capabilities/add").toString())
                .contains("MAC_ADMIN");
        assertThat(with.pod().get("volumes").toString()).contains("/sys/kernel/security");
    }

    @Test
    void profilesOfObjectsComeWithTheirDefinitionTheRightToFollowThemAndTheCapabilityToLoad() {
        Manifests with = Chart.render("privileged: false");
        assertThat(with.kind("CustomResourceDefinition")
                        .map(each -> each.at("/metadata/name").asText()))
                .containsExactly("nodereports.plumbline.io", "apparmorprofiles.plumbline.io");
        assertThat(with.container().get("args").toString()).contains("--apparmor-objects");
        assertThat(with.container().at("/securityContext/capabilities/add").toString())
                .contains("MAC_ADMIN");
    }

    /** Where all of the node is read-only, what is loaded into has to be mounted apart; elsewhere a kernel without it must not keep the pod from starting. */
    @Test
    void whereProfilesAreLoadedIsMountedApartOnlyIfItWouldBeReadOnly() {
        assertThat(Chart.render("").pod().get("volumes").toString()).doesNotContain("/sys/kernel/security");
        assertThat(Chart.render("hostRoot: {recursiveReadOnly: IfPossible}")
                        .pod()
                        .get("volumes")
                        .toString())
                .contains("/sys/kernel/security");
    }

    /** The field for AppArmor and admission policies came with 1.30. */
    @Test
    void anOlderClusterIsAskedForNothingThatItDoesNotKnow() {
        Manifests old = Chart.render("privileged: false", "1.29.0");
        assertThat(old.kind("ValidatingAdmissionPolicy")).isEmpty();
        assertThat(old.container().at("/securityContext").has("appArmorProfile"))
                .isFalse();
        assertThat(old.daemonSet()
                        .at("/spec/template/metadata/annotations")
                        .path("container.apparmor.security.beta.kubernetes.io/agent")
                        .asText())
                .isEqualTo("unconfined");
        Manifests now = Chart.render("privileged: false");
        assertThat(now.container().at("/securityContext/appArmorProfile/type").asText())
                .isEqualTo("Unconfined");
        assertThat(now.text()).doesNotContain("container.apparmor.security");
    }

    /** What they say is tested by {@link OwnNodePolicyTest}. */
    @Test
    void whereAgentsWriteNothingOfANodeThereIsNoPolicyForIt() {
        assertThat(Chart.render("").text())
                .contains("ValidatingAdmissionPolicy")
                .doesNotContain("plumbline.io/profiles-not-ready")
                .doesNotContain("openreports");
        assertThat(Chart.render("publish: {report: false}").kind("ValidatingAdmissionPolicy"))
                .isEmpty();
        Manifests with = Chart.render("publish: {report: false, readiness: true}");
        assertThat(with.kind("ValidatingAdmissionPolicyBinding")
                        .findFirst()
                        .orElseThrow()
                        .at("/spec/policyName")
                        .asText())
                .isEqualTo(with.kind("ValidatingAdmissionPolicy")
                        .findFirst()
                        .orElseThrow()
                        .at("/metadata/name")
                        .asText());
    }

    /** On a cluster without the policy, one agent's token would change every node. */
    @Test
    void readinessIsRefusedWhereNoPolicyCanKeepItToTheOwnNode() {
        assertThatThrownBy(() -> Chart.render("publish: {readiness: true}", "1.29.0"))
                .hasMessageContaining("publish.readiness")
                .hasMessageContaining("1.30");
    }

    @Test
    void rightsBeyondTheDefaultComeWithTheirValueAlone() {
        assertThat(rights("")).doesNotContain("patch nodes").doesNotContain("patch clusterreports");
        assertThat(rights("publish: {readiness: true}")).contains("patch nodes").doesNotContain("patch clusterreports");
        assertThat(rights("publish: {openReports: true}"))
                .contains("create clusterreports", "patch clusterreports")
                .doesNotContain("patch nodes");
        assertThat(Chart.render("publish: {openReports: true, readiness: true}")
                        .container()
                        .get("args")
                        .toString())
                .contains("--publish=report,events,openreports,readiness");
    }

    private static Set<String> rights(String values) {
        Set<String> given = new TreeSet<>();
        Chart.render(values)
                .kind("ClusterRole")
                .filter(role -> role.at("/metadata/name").asText().endsWith("-agent"))
                .flatMap(role -> StreamSupport.stream(role.get("rules").spliterator(), false))
                .forEach(rule -> rule.get("resources")
                        .forEach(resource ->
                                rule.get("verbs").forEach(verb -> given.add(verb.asText() + " " + resource.asText()))));
        return given;
    }

    @Test
    void theAgentReachesTheNodeAndNothingMore() {
        JsonNode pod = Chart.render("").pod();
        assertThat(pod.get("hostPID").asBoolean()).isTrue();
        assertThat(pod.path("hostNetwork").asBoolean()).isFalse();
        assertThat(pod.path("hostIPC").asBoolean()).isFalse();
        assertThat(pod.at("/containers/0/ports")).noneMatch(port -> port.has("hostPort"));
        List<String> writable = new ArrayList<>();
        pod.at("/containers/0/volumeMounts").forEach(mount -> {
            if (!mount.path("readOnly").asBoolean()) {
                writable.add(mount.get("mountPath").asText());
            }
        });
        assertThat(writable).containsExactly("/var/lib/plumbline");
        assertThat(pod.at("/containers/0/securityContext/readOnlyRootFilesystem")
                        .asBoolean())
                .isTrue();
    }
}
