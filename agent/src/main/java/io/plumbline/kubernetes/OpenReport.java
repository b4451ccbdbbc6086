package io.plumbline.kubernetes;

import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.Finding;
import io.plumbline.model.ScanReport;
import java.util.List;
import java.util.Optional;

/**
 * What an agent says of its node in the words of OpenReports: the fields of a {@code ClusterReport} of {@code openreports.io/v1alpha1} beside
 * its metadata. Failures alone, the worst of them; one object for each node, so that what it costs is bounded whatever runs there.
 *
 * <p>Source: apis/openreports.io/v1alpha1 of github.com/openreports/reports-api.
 */
record OpenReport(
        String source, ObjectReference scope, Configuration configuration, Summary summary, List<Result> results) {

    /** A result is some 700 bytes. */
    static final int MOST_RESULTS = 50;

    private static final String SOURCE = "plumbline";
    private static final String FAIL = "fail";

    OpenReport {
        results = List.copyOf(results);
    }

    /** What its readers may count on. */
    record Configuration(Limits limits) {}

    record Limits(int maxResults, List<String> statusFilter) {}

    /**
     * How many in all.
     *
     * @param pass not counted
     * @param fail open findings
     * @param warn not counted
     * @param error verdicts that could not be reached
     * @param skip open findings that somebody accepts
     */
    record Summary(long pass, long fail, long warn, long error, long skip) {}

    /** Of {@code google.protobuf.Timestamp}, which that API uses. */
    record Timestamp(long seconds, long nanos) {}

    /** Of {@code v1}. */
    record ObjectReference(
            String apiVersion, String kind, Optional<String> namespace, String name, Optional<String> uid) {}

    /** What that API has no field for. */
    record Properties(String id, Optional<String> container, Optional<String> profile) {}

    /** One open finding. */
    record Result(
            String policy,
            String category,
            String severity,
            Timestamp timestamp,
            String result,
            boolean scored,
            List<ObjectReference> resources,
            String message,
            Properties properties) {}

    /** Of the last scan that succeeded. */
    static OpenReport of(LastScan last, String node) {
        ScanReport report = last.report();
        List<Finding> failures = report.findings().stream()
                .filter(finding -> !finding.isExcepted())
                .toList();
        return new OpenReport(
                SOURCE,
                node(node),
                new Configuration(new Limits(MOST_RESULTS, List.of(FAIL))),
                new Summary(
                        0,
                        failures.size(),
                        0,
                        NodeReport.undetermined(report),
                        report.findings().size() - failures.size()),
                failures.stream()
                        .limit(MOST_RESULTS)
                        .map(finding -> result(finding, node))
                        .toList());
    }

    private static Result result(Finding finding, String node) {
        return new Result(
                NodeReport.cut(finding.check(), 64),
                finding.kind().word(),
                finding.severity().word(),
                new Timestamp(finding.firstSeen().getEpochSecond(), 0),
                FAIL,
                true,
                List.of(about(finding, node)),
                NodeReport.shown(finding.message()),
                new Properties(
                        NodeReport.shown(finding.id()),
                        finding.container().container().flatMap(name -> NodeReport.text(name, 253)),
                        finding.profile().map(NodeReport::shown)));
    }

    private static ObjectReference about(Finding finding, String node) {
        return NodeReport.text(finding.container().pod(), 253)
                .map(pod -> new ObjectReference(
                        "v1",
                        "Pod",
                        NodeReport.text(finding.container().namespace(), 63),
                        pod,
                        NodeReport.text(finding.container().podUid(), 128)))
                .orElseGet(() -> node(node));
    }

    private static ObjectReference node(String name) {
        return new ObjectReference("v1", "Node", Optional.empty(), name, Optional.empty());
    }
}
