package io.plumbline.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.PolicySet.OwnRule;
import io.plumbline.model.Reading;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import io.plumbline.model.Verdict.Undetermined;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The contract's JSON objects, one by one: those of {@code scan} and of the API are the same. */
public final class ReportJson {

    /** Of what could not be looked at; the rest says the same of other processes. */
    private static final int REASONS_SHOWN = 10;

    private final String docs;

    /** @param docs where the pages on checks are, without a final slash */
    public ReportJson(String docs) {
        this.docs = docs;
    }

    /** The node and how it was read. */
    public ObjectNode node(ScanReport report) {
        NodeFacts facts = report.node().facts();
        ObjectNode node = JsonNodeFactory.instance.objectNode();
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

    /** A finding with all that is known of it. */
    public ObjectNode finding(Finding finding) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", finding.id());
        json.put("kind", finding.kind().word());
        json.put("check", finding.check());
        json.put("severity", finding.severity().word());
        identity(json, finding.container());
        finding.profile().ifPresent(profile -> json.put("profile", profile));
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
        json.put("doc", docs + "/" + (isOfOwnRule(finding) ? "own-rules" : finding.check()) + ".md");
        finding.origin().ifPresent(origin -> json.put("origin", origin));
        ArrayNode processes = json.putArray("processes");
        for (Finding.ProcessReference process : finding.processes()) {
            ObjectNode one = processes.addObject();
            one.put("pid", process.pid());
            one.put("startTime", process.startTime().map(ReportJson::time).orElse(null));
            one.put("command", process.command());
            process.origin().ifPresent(origin -> one.put("origin", origin));
        }
        json.put("processCount", finding.processCount());
        evidence(json, finding.evidence());
        json.put("policy", finding.policy().orElse(null));
        json.put("firstSeen", time(finding.firstSeen()));
        json.put("lastSeen", time(finding.lastSeen()));
        finding.exception()
                .ifPresentOrElse(
                        acceptance -> json.set("exception", exception(acceptance)), () -> json.putNull("exception"));
        return json;
    }

    private static ObjectNode exception(Finding.Acceptance acceptance) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("reason", acceptance.reason());
        json.put("owner", acceptance.owner());
        json.put("expires", acceptance.expires().toString());
        json.put("expired", acceptance.expired());
        return json;
    }

    /** The user's own rules have one page together: nobody else knows their names. */
    private static boolean isOfOwnRule(Finding finding) {
        return finding.policy().filter(words -> words.startsWith(OwnRule.WORD)).isPresent();
    }

    ObjectNode gap(Gap gap) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("check", gap.check());
        identity(json, gap.container());
        json.put("source", gap.source());
        json.put("why", gap.why());
        json.put("count", gap.count());
        return json;
    }

    /** One container's plumb table. */
    public ObjectNode container(ContainerReport container) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
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
            boolean nobody =
                    verdict.outcome() == Outcome.CONFORMS && !container.view().hasSettled();
            Outcome outcome = nobody ? Outcome.UNDETERMINED : verdict.outcome();
            row.put("verdict", outcome.name().toLowerCase(Locale.ROOT));
            row.put(
                    "severity",
                    verdict.violation()
                            .map(violation -> violation.severity().word())
                            .orElse(null));
            evidence(row, verdict.evidence());
            ArrayNode undetermined = row.putArray("undetermined");
            if (nobody) {
                undetermined.add("no process of the container has settled");
            }
            verdict.undetermined().stream().limit(REASONS_SHOWN).forEach(gap -> undetermined.add(reason(gap)));
        }
        return json;
    }

    /** Findings by severity, containers, and how much could not be told. */
    public ObjectNode summary(ScanReport report) {
        List<Gap> gaps = Gap.of(report);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(
                "containers",
                report.containers().stream().filter(c -> !c.view().isSandbox()).count());
        ObjectNode findings = json.putObject("findings");
        for (Severity severity : Severity.values()) {
            findings.put(
                    severity.word(),
                    report.findings().stream()
                            .filter(finding -> finding.severity() == severity && !finding.isExcepted())
                            .count());
        }
        json.put("undetermined", gaps.stream().mapToInt(Gap::count).sum());
        return json;
    }

    /** What is left of a finding that is no longer open. */
    public ObjectNode closed(OpenFinding finding) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", finding.id());
        json.put("kind", finding.kind().word());
        json.put("check", finding.check());
        json.put("severity", finding.severity().word());
        identity(json, finding.container());
        json.put("firstSeen", time(finding.firstSeen()));
        json.put("lastSeen", time(finding.lastSeen()));
        return json;
    }

    private static void evidence(ObjectNode json, List<Evidence> lines) {
        ArrayNode evidence = json.putArray("evidence");
        lines.forEach(line -> evidence.addObject().put("source", line.source()).put("line", line.line()));
    }

    private static String reason(Undetermined gap) {
        return gap.source() + ": " + gap.why();
    }

    /** The names of a container, of those who have none {@code null}. */
    public static void identity(ObjectNode json, ContainerIdentity container) {
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

    /** {@code null} for the empty text. */
    public static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** In whole seconds, RFC 3339. */
    public static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
