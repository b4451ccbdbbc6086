package io.plumbline.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What outlives a release of the chart: values that somebody wrote for an earlier one, and what is left after the last. */
class ChartLifeTest {
    private static final String EVERYTHING = """
        createNamespace: true
        publish: {openReports: true, readiness: true}
        appArmor: {objects: true}
        monitoring: {podMonitor: true, rules: true, dashboard: true, serviceAccount: {name: prometheus, namespace: monitoring}}
        """;

    /** All of them copied, as {@code helm get values --all} gives them: the strictest that a schema can be asked for. */
    @Test
    void valuesOfTheFirstChartRenderAsItsDefaultsDoNow() throws IOException {
        try (var in = ChartLifeTest.class.getResourceAsStream("/values-0.1.0.yaml")) {
            String values = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(Chart.render(values).text()).isEqualTo(Chart.render("").text());
        }
    }

    /** Helm leaves hooks and what is to be kept; Kubernetes waits for finalizers. */
    @Test
    void nothingOfTheChartOutlivesItsRemoval() {
        for (JsonNode object : Chart.render(EVERYTHING).objects()) {
            assertThat(object.at("/metadata/annotations").toString())
                    .as("%s", object.get("kind"))
                    .doesNotContain("helm.sh/");
            assertThat(object.at("/metadata").has("finalizers")).isFalse();
        }
    }

    /** Objects of a kind that the chart brings go with its definition; for the others there has to be a word on each. */
    @Test
    void whatAgentsWriteIsGoneWithTheChartOrHasACommandInTheChapterOnRemoving() {
        Manifests everything = Chart.render(EVERYTHING);
        Set<String> defined = everything
                .kind("CustomResourceDefinition")
                .map(each -> each.at("/spec/names/plural").asText())
                .collect(Collectors.toSet());
        String removing = chapterOnRemoving();
        Set<String> written = new TreeSet<>();
        everything
                .kind("ClusterRole")
                .filter(role -> role.at("/metadata/name").asText().endsWith("-agent"))
                .flatMap(role -> StreamSupport.stream(role.get("rules").spliterator(), false))
                .filter(rule -> rule.get("verbs").toString().matches(".*(create|patch|update).*"))
                .filter(rule -> !rule.at("/apiGroups/0").asText().startsWith("auth"))
                .forEach(rule -> rule.get("resources").forEach(resource -> written.add(resource.asText())));
        assertThat(written).contains("nodereports", "clusterreports", "nodes", "events");
        written.removeAll(defined);
        assertThat(written)
                .allSatisfy(resource ->
                        assertThat(removing.toLowerCase(Locale.ROOT)).contains(resource));
        assertThat(removing)
                .contains("kubectl delete -f daemonset/install.yaml")
                .contains(
                        "kubectl delete clusterreports.openreports.io --selector app.kubernetes.io/managed-by=plumbline-agent")
                .contains("kubectl label nodes --all plumbline.io/profiles-");
    }

    /** Profiles outlive their agents on purpose; the words that take them out have to be of kinds and columns that there are. */
    @Test
    void howProfilesLeaveTheKernelsIsSaidInTheChapterOnRemovingWithWhatTheDefinitionsName() {
        Manifests everything = Chart.render(EVERYTHING);
        Map<String, JsonNode> defined = everything
                .kind("CustomResourceDefinition")
                .collect(Collectors.toMap(
                        each -> each.at("/spec/names/plural").asText(), each -> each.at("/spec/versions/0")));
        String removing = chapterOnRemoving();
        assertThat(defined).containsKey("apparmorprofiles");
        assertThat(removing)
                .contains("kubectl delete apparmorprofiles --all")
                .contains("kubectl get nodereports                      # until PROFILES is 0");
        assertThat(defined.get("nodereports").get("additionalPrinterColumns"))
                .anyMatch(column -> column.get("name").asText().equals("Profiles")
                        && column.get("jsonPath").asText().equals(".status.profiles.wanted"));
    }

    private static String chapterOnRemoving() {
        String page = Chart.text(Chart.repository().resolve("docs/install.md"));
        return page.substring(page.indexOf("## Removing"));
    }
}
