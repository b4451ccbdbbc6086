package io.plumbline.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.Reading;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The report as the contract's JSON: {@code node}, {@code findings}, {@code undetermined}, {@code summary}, and the plumb table under
 * {@code containers}.
 *
 * <p>Only ASCII leaves: a process may call itself anything, and a terminal may be at the other end.
 */
public final class JsonReport {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build();

    private final String docs;

    /** @param docs where the pages on checks are, without a final slash */
    public JsonReport(String docs) {
        this.docs = docs;
    }

    /** Writes the whole report, indented, with a final newline. */
    public void write(ScanReport report, Writer out) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(out, tree(report));
        out.write('\n');
        out.flush();
    }

    private ObjectNode tree(ScanReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.set("node", node(report));
        ArrayNode findings = root.putArray("findings");
        report.findings().forEach(finding -> findings.add(finding(finding)));
        List<Gap> gaps = Gap.of(report);
        ArrayNode undetermined = root.putArray("undetermined");
        gaps.forEach(gap -> undetermined.add(gap(gap)));
        ArrayNode containers = root.putArray("containers");
        report.containers().forEach(container -> containers.add(container(container)));
        root.set("summary", summary(report, gaps));
        return root;
    }

    private static ObjectNode node(ScanReport report) {
        NodeFacts facts = report.node().facts();
        ObjectNode node = JSON.createObjectNode();
        node.put("name", report.nodeName());
        node.put("scannedAt", time(facts.takenAt()));
        node.put("kernel", facts.kernelRelease());
        node.put("cgroups", facts.cgroupLayout().name().toLowerCase(Locale.ROOT));
        node.put("appArmor", state(facts.appArmor()));
        node.put("seLinux", state(facts.seLinux()));
        node.put("capabilityCeiling", words(facts.capabilityCeiling().map(CapabilityText::of)));
        node.put("reader", facts.reader().backend());
        node.put("readerUid", facts.reader().uid());
        ObjectNode kubelet = node.putObject("kubelet");
        Optional<DeclaredNode> declared = report.declared();
        kubelet.put("asked", declared.isPresent());
        declared.ifPresent(answer -> {
            kubelet.put("source", answer.source());
            kubelet.put("pods", answer.pods().size());
            kubelet.put("configuration", words(answer.kubelet().map(configuration -> "read")));
            ArrayNode warnings = kubelet.putArray("warnings");
            answer.warnings().forEach(warnings::add);
        });
        ObjectNode bundles = node.putObject("bundles");
        bundles.put("read", report.inventory().bundles().size());
        ArrayNode unreadable = bundles.putArray("unreadable");
        report.inventory().unreadable().forEach(u -> unreadable.add(u.source() + ": " + u.why()));
        ObjectNode processes = node.putObject("processes");
        Counts counts = Counts.of(report);
        processes.put("pod", counts.inContainers());
        processes.put("host", counts.host());
        processes.put("unattributed", counts.unattributed());
        return node;
    }

    private static String words(Reading<String> reading) {
        return reading.observed().or(reading::trouble).orElse("");
    }

    private static String state(Reading<Boolean> reading) {
        return reading.fold(
                on -> on ? "on" : "off", absent -> "off", u -> "unreadable: " + u.source() + ": " + u.why());
    }

    private ObjectNode finding(Finding finding) {
        ObjectNode json = JSON.createObjectNode();
        json.put("id", finding.id());
        json.put("kind", finding.kind().word());
        json.put("check", finding.check());
        json.put("severity", finding.severity().word());
        identity(json, finding.container());
        json.put("node", finding.node());
        json.put("workload", orNull(finding.workload()));
        json.put("title", finding.title());
        json.put("message", finding.message());
        json.put("declared", finding.declared());
        strings(json, "expected", finding.expected());
        finding.granted().ifPresentOrElse(values -> strings(json, "granted", values), () -> json.putNull("granted"));
        strings(json, "effective", finding.effective());
        json.put("cause", finding.cause().word());
        json.put("remedy", finding.remedy());
        json.put("doc", docs + "/" + finding.check());
        finding.origin().ifPresent(origin -> json.put("origin", origin));
        ArrayNode processes = json.putArray("processes");
        for (Finding.ProcessReference process : finding.processes()) {
            ObjectNode one = processes.addObject();
            one.put("pid", process.pid());
            one.put("startTime", process.startTime().map(JsonReport::time).orElse(null));
            one.put("command", process.command());
            process.origin().ifPresent(origin -> one.put("origin", origin));
        }
        json.put("processCount", finding.processCount());
        ArrayNode evidence = json.putArray("evidence");
        for (Evidence line : finding.evidence()) {
            evidence.addObject().put("source", line.source()).put("line", line.line());
        }
        json.put("policy", finding.policy().orElse(null));
        json.put("firstSeen", time(finding.firstSeen()));
        json.put("lastSeen", time(finding.lastSeen()));
        json.put("exception", finding.exception().orElse(null));
        return json;
    }

    private static ObjectNode gap(Gap gap) {
        ObjectNode json = JSON.createObjectNode();
        json.put("check", gap.check());
        identity(json, gap.container());
        json.put("source", gap.source());
        json.put("why", gap.why());
        json.put("count", gap.count());
        return json;
    }

    private static ObjectNode container(ContainerReport container) {
        ObjectNode json = JSON.createObjectNode();
        identity(json, container.view().identity());
        json.put("runtime", orNull(container.view().identity().runtime()));
        json.put(
                "kind",
                container
                        .view()
                        .container()
                        .map(c -> c.kind().name().toLowerCase(Locale.ROOT))
                        .orElse(container.view().isSandbox() ? "sandbox" : null));
        ArrayNode pids = json.putArray("pids");
        container.view().processes().stream()
                .map(AttributedProcess::process)
                .forEach(process -> pids.add(process.pid()));
        ArrayNode attributes = json.putArray("attributes");
        for (Verdict verdict : container.verdicts()) {
            ObjectNode row = attributes.addObject();
            row.put("check", verdict.check());
            row.put("declared", verdict.declared());
            strings(row, "expected", verdict.expected());
            verdict.granted().ifPresentOrElse(values -> strings(row, "granted", values), () -> row.putNull("granted"));
            strings(row, "effective", verdict.effective());
            row.put("verdict", verdict.outcome().name().toLowerCase(Locale.ROOT));
        }
        return json;
    }

    private static ObjectNode summary(ScanReport report, List<Gap> gaps) {
        ObjectNode json = JSON.createObjectNode();
        json.put(
                "containers",
                report.containers().stream().filter(c -> !c.view().isSandbox()).count());
        ObjectNode findings = json.putObject("findings");
        for (Severity severity : Severity.values()) {
            findings.put(
                    severity.word(),
                    report.findings().stream()
                            .filter(finding -> finding.severity() == severity)
                            .count());
        }
        json.put("undetermined", gaps.stream().mapToInt(Gap::count).sum());
        return json;
    }

    private static void identity(ObjectNode json, ContainerIdentity container) {
        json.put("namespace", orNull(container.namespace()));
        json.put("pod", orNull(container.pod()));
        json.put("podUid", orNull(container.podUid()));
        json.put("container", container.container().orElse(null));
        json.put("containerId", orNull(container.containerId()));
    }

    private static void strings(ObjectNode json, String name, List<String> values) {
        ArrayNode array = json.putArray(name);
        values.forEach(array::add);
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
