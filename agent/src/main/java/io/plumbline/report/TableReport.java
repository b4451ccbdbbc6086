package io.plumbline.report;

import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Severity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The report for a person at a terminal: the containers, the findings, what could not be read, and the next command. */
public final class TableReport {

    private static final int EVIDENCE_SHOWN = 3;
    private static final String INDENT = "    ";

    private final int width;
    private final Paint paint;
    private final List<String> lines = new ArrayList<>();

    /** @param width in characters */
    public TableReport(int width, Paint paint) {
        this.width = width;
        this.paint = paint;
    }

    /** The whole report as lines of printable ASCII, colours apart. */
    public List<String> lines(ScanReport report) {
        head(report);
        containers(report);
        report.findings().stream().filter(finding -> !isSmall(finding)).forEach(this::finding);
        small(report.findings().stream().filter(TableReport::isSmall).toList());
        gaps(report);
        foot(report);
        return List.copyOf(lines);
    }

    private void head(ScanReport report) {
        NodeFacts facts = report.node().facts();
        Counts counts = Counts.of(report);
        say("Node " + report.nodeName() + ", Linux " + facts.kernelRelease() + ", cgroup "
                + facts.cgroupLayout().name().toLowerCase(Locale.ROOT) + ", AppArmor "
                + facts.appArmor().fold(on -> on ? "on" : "off", absent -> "off", unreadable -> "unknown"));
        long containers =
                report.containers().stream().filter(c -> !c.view().isSandbox()).count();
        long all = counts.inContainers() + counts.host() + counts.unattributed();
        say(all + (all == 1 ? " process: " : " processes: ") + counts.inContainers() + " in "
                + number(containers, "container") + ", " + counts.host() + " of the node, "
                + counts.unattributed() + " unattributed");
        if (report.declared().isPresent()) {
            DeclaredNode declared = report.declared().get();
            say("Declared by the kubelet's list of " + number(declared.pods().size(), "pod") + " (" + declared.source()
                    + ")");
            declared.warnings().forEach(warning -> say("Warning: " + warning));
        } else {
            say("No kubelet was asked: declared is what the container runtimes were told ("
                    + number(report.inventory().bundles().size(), "OCI bundle") + ")");
        }
        lines.add("");
    }

    private void containers(ScanReport report) {
        List<ContainerReport> shown = report.containers().stream()
                .filter(container -> !container.view().isSandbox()
                        || PlumbRow.of(container).worst().isPresent())
                .toList();
        if (shown.isEmpty()) {
            say("No container runs here.");
            lines.add("");
            return;
        }
        Columns columns = new Columns();
        columns.row(List.of("CONTAINER", "DECLARED", "ENFORCED", "DIFFERS"));
        for (ContainerReport container : shown) {
            PlumbRow row = PlumbRow.of(container);
            columns.row(List.of(
                    Printable.of(row.name()),
                    Printable.of(row.declared()),
                    Printable.of(row.enforced()),
                    row.worst().map(severity -> severity.word() + ": ").orElse("") + row.differs()));
        }
        List<String> table = columns.lines(width);
        lines.add(paint.heading(table.get(0)));
        lines.addAll(table.subList(1, table.size()));
        lines.add("");
    }

    /** Nearly everything on a usual node lacks something small of a policy, or has something to know of: a line for each check. */
    private static boolean isSmall(Finding finding) {
        return finding.severity() == Severity.INFO
                || (finding.kind() == FindingKind.POLICY && !finding.severity().atLeast(Severity.MEDIUM));
    }

    private void small(List<Finding> findings) {
        if (findings.isEmpty()) {
            return;
        }
        lines.add(paint.heading("LOW AND INFO, BY CHECK"));
        Map<String, List<Finding>> byCheck =
                findings.stream().collect(Collectors.groupingBy(Finding::check, TreeMap::new, Collectors.toList()));
        byCheck.forEach((check, same) -> indented(check + ": " + same.get(0).title() + ", "
                + (same.size() == 1
                        ? same.get(0).container().words()
                        : same.size() + " containers, for example "
                                + same.get(0).container().words())));
        lines.add("");
    }

    private static String words(Finding.Acceptance acceptance) {
        return (acceptance.expired() ? "was accepted, until " : "accepted until ") + acceptance.expires() + " by "
                + acceptance.owner() + ": " + acceptance.reason()
                + (acceptance.expired() ? "; that has expired, somebody has to decide again" : "");
    }

    private void finding(Finding finding) {
        String title = finding.severity().word() + " " + finding.check();
        String whose = Printable.of(finding.subject());
        boolean fits = title.length() + 2 + whose.length() <= width;
        lines.add(paint.severity(finding.severity(), title) + (fits ? "  " + whose : ""));
        if (!fits) {
            indented(whose);
        }
        indented(finding.message());
        if (finding.kind() != FindingKind.POLICY) { // whose message has what is declared and what is enforced
            indented((finding.declared().isEmpty() ? "" : "declared: " + finding.declared() + "; ") + "expected: "
                    + join(finding.expected()) + "; effective: " + join(finding.effective()));
        }
        for (Evidence evidence :
                finding.evidence().stream().limit(EVIDENCE_SHOWN).toList()) {
            indented(evidence.source() + ": " + evidence.line().replace('\t', ' '));
        }
        finding.processes().stream()
                .limit(EVIDENCE_SHOWN)
                .forEach(process -> indented("pid " + process.pid() + ": " + process.command()
                        + process.origin()
                                .map(origin -> " (came by " + origin + ")")
                                .orElse("")));
        String why = finding.policy()
                .map(policy -> "policy: " + policy)
                .orElse("cause: " + finding.cause().word());
        indented(why + ". " + finding.remedy());
        finding.exception().ifPresent(acceptance -> indented(words(acceptance)));
        lines.add("");
    }

    /** Many capabilities are a number: the message names those that matter. */
    private static String join(List<String> values) {
        if (values.size() > 16) {
            return values.size() + " values";
        }
        boolean ofWords = values.stream().anyMatch(value -> value.contains(" "));
        return values.isEmpty() ? "nothing" : String.join(ofWords ? ", " : " ", values);
    }

    private record Reason(String why, boolean ofNode) {}

    private void gaps(ScanReport report) {
        // What is of the node itself is counted in no containers.
        Map<Reason, List<Gap>> byReason = Gap.of(report).stream()
                .collect(Collectors.groupingBy(
                        gap -> new Reason(gap.why(), gap.isOfNode()), LinkedHashMap::new, Collectors.toList()));
        if (byReason.isEmpty() && report.inventory().unreadable().isEmpty()) {
            return;
        }
        lines.add(paint.heading("NOT READ"));
        byReason.forEach((reason, gaps) ->
                indented(reason.why() + ", for example " + gaps.get(0).source() + ": " + concerned(gaps)));
        report.inventory().unreadable().forEach(unreadable -> indented(unreadable.source() + ": " + unreadable.why()));
        if (report.node().facts().reader().uid() != 0) {
            indented("You are not root: run the same with sudo to see what other users' processes hide.");
        }
        lines.add("");
    }

    private static String concerned(List<Gap> gaps) {
        long containers = gaps.stream()
                .map(Gap::container)
                .filter(container -> !container.containerId().isEmpty())
                .distinct()
                .count();
        if (gaps.get(0).isOfNode()) {
            return "undetermined are "
                    + String.join(
                            ", ", new TreeSet<>(gaps.stream().map(Gap::check).toList())) + " of the node";
        }
        if (containers == 0) {
            int processes = gaps.stream().mapToInt(Gap::count).sum();
            return "undetermined is everything of " + processes + (processes == 1 ? " process or more" : " processes");
        }
        if (gaps.stream().allMatch(gap -> gap.check().equals(Gap.EVERY_CHECK))) {
            return "undetermined is everything of " + number(containers, "container");
        }
        String checks =
                String.join(", ", new TreeSet<>(gaps.stream().map(Gap::check).toList()));
        return "undetermined are " + checks + " of " + number(containers, "container");
    }

    private static String number(long count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }

    private void foot(ScanReport report) {
        if (report.findings().isEmpty()) {
            say("No difference found.");
        } else {
            String counts = Arrays.stream(Severity.values())
                    .map(severity -> Map.entry(
                            severity,
                            report.findings().stream()
                                    .filter(f -> f.severity() == severity)
                                    .count()))
                    .filter(entry -> entry.getValue() > 0)
                    .map(entry -> entry.getValue() + " " + entry.getKey().word())
                    .collect(Collectors.joining(", "));
            say(number(report.findings().size(), "finding") + ": " + counts + ".");
        }
        say(
                report.findings().isEmpty()
                        ? "Next: plumbline explain (what is checked), plumbline scan --output json"
                        : "Next: plumbline explain " + report.findings().get(0).check()
                                + ", plumbline scan --output json");
    }

    private void say(String text) {
        lines.addAll(Columns.wrap(Printable.of(text), width));
    }

    private void indented(String text) {
        Columns.wrap(Printable.of(text), Math.max(width - INDENT.length(), INDENT.length()))
                .forEach(line -> lines.add(INDENT + line));
    }
}
