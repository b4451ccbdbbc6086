package io.plumbline.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.checks.CheckDescription;
import io.plumbline.http.Pods.PodOnNode;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Finding;
import io.plumbline.model.Moment;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.Severity;
import io.plumbline.report.ReportJson;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The API's objects that {@code scan} does not have. */
final class ApiJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final double NANOS = 1e9;

    private final ReportJson objects;
    private final Content content;

    ApiJson(Content content) {
        this.objects = new ReportJson(content.docs());
        this.content = content;
    }

    ReportJson objects() {
        return objects;
    }

    /** The node as {@code scan} shows it, and beside that how the agent does. */
    ObjectNode node(AgentState state, LastScan last) {
        long now = System.nanoTime();
        ObjectNode node = objects.node(last.report());
        node.set("summary", objects.summary(last.report()));
        ObjectNode declared = node.withObject("/kubelet");
        declared.put("asked", state.declared().asked());
        declared.put("stale", state.declared().stale());
        declared.put(
                "answeredAt",
                state.declared().answeredAt().map(ReportJson::time).orElse(null));
        declared.put(
                "ageSeconds",
                state.declared().answered().map(when -> seconds(when, now)).orElse(null));
        declared.put("trouble", state.declared().trouble().orElse(null));
        ObjectNode agent = node.putObject("agent");
        agent.put("version", content.version());
        agent.put("startedAt", ReportJson.time(state.startedAt()));
        agent.put("scanIntervalSeconds", state.interval().toMillis() / 1000.0);
        ObjectNode scan = agent.putObject("lastScan");
        scan.put("endedAt", ReportJson.time(last.at()));
        scan.put("ageSeconds", seconds(last.ended(), now));
        scan.put("tookSeconds", last.took().toNanos() / NANOS);
        scan.put("pendingFindings", last.pending());
        agent.put("scanTrouble", state.scanTrouble().orElse(null));
        agent.put("events", state.events().backend().orElse(null));
        agent.put("eventsTrouble", state.events().trouble().orElse(null));
        agent.put("stateDirectory", state.memory().directory().orElse(null));
        agent.put("stateTrouble", state.memory().trouble().orElse(null));
        return node;
    }

    private static long seconds(Moment from, long to) {
        return Math.max(0, from.ageAt(to).toSeconds());
    }

    /** A line of the list of pods. */
    ObjectNode pod(PodOnNode pod, List<Finding> findings) {
        ObjectNode json = NODES.objectNode();
        json.put("namespace", pod.namespace());
        json.put("name", pod.name());
        json.put("kind", pod.uid().isEmpty() ? "container" : "pod");
        json.put("podUid", ReportJson.orNull(pod.uid()));
        json.put("workload", ReportJson.orNull(pod.workload()));
        ArrayNode containers = json.putArray("containers");
        pod.containers().stream()
                .flatMap(container -> container.view().identity().container().stream())
                .distinct()
                .forEach(containers::add);
        json.put(
                "processes",
                pod.containers().stream()
                        .mapToInt(container -> container.view().processes().size())
                        .sum());
        ObjectNode counts = json.putObject("findings");
        for (Severity severity : Severity.values()) {
            counts.put(
                    severity.word(),
                    findings.stream()
                            .filter(finding -> finding.severity() == severity)
                            .count());
        }
        return json;
    }

    /** The plumb table of a pod. */
    ObjectNode podInFull(PodOnNode pod, List<Finding> findings) {
        ObjectNode json = pod(pod, findings);
        ArrayNode containers = json.putArray("tables");
        pod.containers().forEach(container -> containers.add(objects.container(container)));
        ArrayNode open = json.putArray("open");
        findings.forEach(finding -> open.add(objects.finding(finding)));
        return json;
    }

    ObjectNode process(AttributedProcess process, NodeFacts facts) {
        ObjectNode json = NODES.objectNode();
        json.put("pid", process.process().pid());
        json.put(
                "startTime",
                facts.startOf(process.process().key()).map(ReportJson::time).orElse(null));
        json.put("comm", process.process().comm());
        json.put("executable", process.process().executable().observed().orElse(null));
        Attribution attribution = process.attribution();
        Optional<ContainerIdentity> container = owner(attribution);
        boolean unattributed = attribution instanceof Attribution.Unattributed;
        json.put("attribution", container.isPresent() ? "pod" : unattributed ? "unattributed" : "host");
        ReportJson.identity(json, container.orElse(new ContainerIdentity("", "", "", Optional.empty(), "", "")));
        if (attribution instanceof Attribution.Unattributed nobody) {
            json.put("reason", nobody.reason().toString());
            json.put("detail", nobody.detail());
        } else {
            json.putNull("reason");
            json.putNull("detail");
        }
        json.put("byExec", process.viaExec());
        json.put("settled", process.settled());
        return json;
    }

    static Optional<ContainerIdentity> owner(Attribution attribution) {
        if (attribution instanceof Attribution.OfContainer container) {
            return Optional.of(container.container());
        }
        return attribution instanceof Attribution.OfSandbox sandbox ? Optional.of(sandbox.sandbox()) : Optional.empty();
    }

    ObjectNode check(CheckDescription check) {
        ObjectNode json = NODES.objectNode();
        json.put("id", check.id());
        json.put("kind", check.kind().word());
        json.put("severity", check.severity().toLowerCase(Locale.ROOT));
        json.put("title", check.title());
        json.put("promise", check.promise());
        json.put("reads", check.reads());
        json.put("remedy", check.remedy());
        json.put("doc", content.docs() + "/" + check.page() + ".md");
        return json;
    }

    /** An empty list that says how much there would be. */
    ObjectNode page(int total, int offset, int limit, LastScan last) {
        ObjectNode json = NODES.objectNode();
        json.put("total", total);
        json.put("offset", offset);
        json.put("limit", limit);
        json.put("scannedAt", ReportJson.time(last.at()));
        return json;
    }
}
