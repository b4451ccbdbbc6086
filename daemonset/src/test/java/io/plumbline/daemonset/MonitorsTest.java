package io.plumbline.daemonset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The objects of the Prometheus operator: PodMonitor, ServiceMonitor, PrometheusRule. */
class MonitorsTest {

    /** Of monitoring.coreos.com/v1, as far as the chart uses it. Source: the operator's API reference, PodMonitor, ServiceMonitor, PrometheusRule. */
    private static final Set<String> FIELDS = Set.of(
            "PodMonitor.selector.matchLabels.*",
            "ServiceMonitor.selector.matchLabels.*",
            "PodMonitor.podMetricsEndpoints.#",
            "ServiceMonitor.endpoints.#",
            "#.port",
            "#.scheme",
            "#.path",
            "#.interval",
            "#.authorization.credentials.name",
            "#.authorization.credentials.key",
            "#.tlsConfig.insecureSkipVerify",
            "#.tlsConfig.serverName",
            "#.tlsConfig.ca.secret.name",
            "#.tlsConfig.ca.secret.key",
            "#.relabelings.sourceLabels",
            "#.relabelings.targetLabel",
            "PrometheusRule.groups.name",
            "PrometheusRule.groups.interval",
            "PrometheusRule.groups.rules.alert",
            "PrometheusRule.groups.rules.record",
            "PrometheusRule.groups.rules.expr",
            "PrometheusRule.groups.rules.for",
            "PrometheusRule.groups.rules.keep_firing_for",
            "PrometheusRule.groups.rules.labels.*",
            "PrometheusRule.groups.rules.annotations.*");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "monitoring: {podMonitor: true, rules: true, labels: {release: a}}",
                "monitoring: {serviceMonitor: true}",
                "{monitoring: {podMonitor: true}, tls: {existingSecret: plumbline-tls}}",
                "{monitoring: {serviceMonitor: true}, tls: {existingSecret: plumbline-tls}}"
            })
    void everyFieldIsOneThatTheOperatorKnows(String values) {
        Set<String> used = new TreeSet<>();
        for (JsonNode object : Chart.render(values).objects()) {
            if (object.at("/apiVersion").asText().equals("monitoring.coreos.com/v1")) {
                walk(object.get("kind").asText(), object.get("spec"), used);
            }
        }
        assertThat(used).isNotEmpty().isSubsetOf(FIELDS);
    }

    private static void walk(String path, JsonNode value, Set<String> used) {
        if (path.endsWith("ndpoints")) {
            used.add(path + ".#");
            value.forEach(endpoint -> walk("#", endpoint, used));
        } else if (value.isObject()) {
            boolean free = path.endsWith("matchLabels") || path.endsWith("labels") || path.endsWith("annotations");
            value.properties()
                    .forEach(field -> walk(path + "." + (free ? "*" : field.getKey()), field.getValue(), used));
        } else if (value.isArray() && value.path(0).isObject()) {
            value.forEach(item -> walk(path, item, used));
        } else {
            used.add(path);
        }
    }

    @Test
    void aServiceMonitorFindsTheAgentsByAServiceThatBalancesNothing() {
        Manifests rendered = Chart.render("{monitoring: {serviceMonitor: true}, listen: '[::]:9500'}");
        JsonNode service = rendered.kind("Service").findFirst().orElseThrow();
        JsonNode monitor = rendered.kind("ServiceMonitor").findFirst().orElseThrow();
        assertThat(rendered.kind("PodMonitor")).isEmpty();
        assertThat(service.at("/spec/clusterIP").asText()).isEqualTo("None");
        assertThat(service.at("/spec/publishNotReadyAddresses").asBoolean()).isTrue();
        assertThat(service.at("/metadata/namespace")).isEqualTo(monitor.at("/metadata/namespace"));
        assertSelects(monitor.at("/spec/selector/matchLabels"), service.at("/metadata/labels"));
        assertSelects(service.at("/spec/selector"), rendered.daemonSet().at("/spec/template/metadata/labels"));
        assertThat(monitor.at("/spec/endpoints/0/port")).isEqualTo(service.at("/spec/ports/0/name"));
        assertThat(service.at("/spec/ports/0/targetPort"))
                .isEqualTo(rendered.container().at("/ports/0/name"));
        assertThat(service.at("/spec/ports/0/port"))
                .isEqualTo(rendered.container().at("/ports/0/containerPort"));
    }

    @Test
    void aPodMonitorFindsTheAgentsWithoutAService() {
        Manifests rendered = Chart.render("monitoring: {podMonitor: true}");
        JsonNode monitor = rendered.kind("PodMonitor").findFirst().orElseThrow();
        assertThat(rendered.kind("Service")).isEmpty();
        assertSelects(
                monitor.at("/spec/selector/matchLabels"), rendered.daemonSet().at("/spec/template/metadata/labels"));
        assertThat(monitor.at("/spec/podMetricsEndpoints/0/port"))
                .isEqualTo(rendered.container().at("/ports/0/name"));
    }

    @Test
    void bothScrapeInTheSameWay() {
        assertThat(Chart.render("monitoring: {serviceMonitor: true}")
                        .kind("ServiceMonitor")
                        .findFirst()
                        .orElseThrow()
                        .at("/spec/endpoints"))
                .isEqualTo(Chart.render("monitoring: {podMonitor: true}")
                        .kind("PodMonitor")
                        .findFirst()
                        .orElseThrow()
                        .at("/spec/podMetricsEndpoints"));
    }

    @Test
    void bothAtOnceWouldScrapeEveryAgentTwice() {
        assertThatThrownBy(() -> Chart.render("monitoring: {podMonitor: true, serviceMonitor: true}"))
                .hasMessageContaining("scrape every agent twice");
    }

    private static void assertSelects(JsonNode selector, JsonNode labels) {
        assertThat(selector).isNotEmpty();
        selector.properties()
                .forEach(label -> assertThat(labels.get(label.getKey()))
                        .as(label.getKey())
                        .isEqualTo(label.getValue()));
    }
}
