package io.plumbline.metrics;

import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Finding;
import io.plumbline.model.Finding.ProcessReference;
import io.plumbline.model.FindingChange;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The agent's metrics. Gauges are made from the last state when they are asked for, so that what is gone leaves no series; counters and
 * histograms grow as states come in.
 */
public final class AgentMetrics {

    /** Of {@code plumbline_findings}. All other series together, the JVM's too, are fewer than 150, whatever runs on the node. */
    static final int MOST_FINDING_SERIES = 350;

    /** Of those {@code plumbline_findings_excepted} has so many. */
    static final int MOST_EXCEPTED_SERIES = 50;

    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final String version;
    private final Histogram scanDuration = Histogram.builder()
            .name("plumbline_scan_duration_seconds")
            .help("How long a scan took: reading, judging, comparing with the scan before.")
            .classicOnly()
            .classicUpperBounds(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
            .register(registry);
    private final Histogram detectionDelay = Histogram.builder()
            .name("plumbline_detection_delay_seconds")
            .help(
                    "Time from the kernel's event to the finding; without an event, from the start of the process, if the agent"
                            + " was running then.")
            .classicOnly()
            .classicUpperBounds(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300)
            .register(registry);
    private final Counter dropped = Counter.builder()
            .name("plumbline_series_dropped_total")
            .help(
                    "Series of plumbline_findings folded into workload=\"other\" because there would be too many, summed over scans.")
            .register(registry);

    private final Counter eventsLost = Counter.builder()
            .name("plumbline_events_lost_total")
            .help("Process events that the kernel could not deliver; each loss makes the agent scan.")
            .register(registry);

    private final Counter clusterWrites = Counter.builder()
            .name("plumbline_cluster_writes_total")
            .help(
                    "Writes to the cluster's API server by object (nodereport, clusterreport, node, event) and result (written, refused,"
                            + " dropped).")
            .labelNames("object", "result")
            .register(registry);

    private boolean jvmAsked;
    private volatile Optional<AgentState> state = Optional.empty();

    private final FindingCounts findings = new FindingCounts(MOST_FINDING_SERIES, MOST_EXCEPTED_SERIES);
    private Optional<Instant> counted = Optional.empty();

    /** @param version the agent's */
    public AgentMetrics(String version) {
        this.version = version;
        registry.register(this::snapshots);
    }

    /** Takes in what came of a scan. One thread at a time. */
    public void publish(AgentState now, List<FindingChange> changes) {
        now.last().filter(last -> !counted.equals(Optional.of(last.at()))).ifPresent(last -> {
            counted = Optional.of(last.at());
            dropped.inc(findings.of(last.report().findings()).folded());
            scanDuration.observe(last.took().toNanos() / NANOS);
        });
        eventsLost.inc(Math.max(0, now.events().lost() - eventsLost.getLongValue()));
        for (FindingChange change : changes) {
            if (change instanceof FindingChange.Opened opened) {
                opened.delay()
                        .map(delay -> delay.toNanos() / NANOS)
                        .or(() -> delay(opened.finding(), now))
                        .ifPresent(detectionDelay::observe);
            }
        }
        state = Optional.of(now);
    }

    /** Counts a write to the cluster. */
    public void countClusterWrite(String object, String result) {
        clusterWrites.labelValues(object, result).inc();
    }

    /** What was there before the agent was not there to be seen. */
    private static Optional<Double> delay(Finding finding, AgentState now) {
        Instant found = finding.lastSeen();
        return finding.processes().stream()
                .map(ProcessReference::startTime)
                .flatMap(Optional::stream)
                .min(Instant::compareTo)
                .filter(start -> start.isAfter(now.startedAt()) && !start.isAfter(found))
                .map(start -> Duration.between(start, found).toMillis() / MILLIS);
    }

    /** Content-Type of what {@link #text} gives. */
    public String contentType(@Nullable String accept) {
        return writer(accept).getContentType();
    }

    /** All of them, in the text form that suits the header. */
    public String text(@Nullable String accept) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            askJvmToo();
            writer(accept).write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written to", e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What the JVM tells of itself is looked up when somebody asks for it first: a tenth of the work until HTTP answers. */
    private synchronized void askJvmToo() {
        if (!jvmAsked) {
            jvmAsked = true;
            JvmMemoryMetrics.builder().register(registry);
            JvmGarbageCollectorMetrics.builder().register(registry);
            JvmThreadsMetrics.builder().register(registry);
            ProcessMetrics.builder().register(registry);
        }
    }

    private ExpositionFormatWriter writer(@Nullable String accept) {
        ExpositionFormatWriter asked = formats.findWriter(accept);
        // Protobuf would need one more library; every scraper that takes it takes text too.
        return asked.isAvailable() ? asked : formats.getPrometheusTextFormatWriter();
    }

    private MetricSnapshots snapshots() {
        List<MetricSnapshot> all = new ArrayList<>();
        state.ifPresent(
                now -> now.last().ifPresent(last -> of(last, now.events().way(), all)));
        return new MetricSnapshots(all);
    }

    private void of(LastScan last, String events, List<MetricSnapshot> all) {
        ScanReport report = last.report();
        FindingCounts.Counted open = findings.of(report.findings());
        all.add(findings("plumbline_findings", "Open findings, without accepted ones.", open.notExcepted()));
        all.add(findings("plumbline_findings_excepted", "Open findings that somebody accepted.", open.excepted()));
        all.add(gauge("plumbline_containers", "Containers with a process, without sandboxes.")
                .dataPoint(point(
                        report.containers().stream()
                                .filter(container -> !container.view().isSandbox())
                                .count(),
                        Labels.EMPTY))
                .build());
        all.add(processes(report));
        all.add(undetermined(report));
        NodeFacts facts = report.node().facts();
        all.add(InfoSnapshot.builder()
                .name("plumbline_node")
                .help("The node and the agent on it.")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of(
                                "version",
                                version,
                                "kernel",
                                facts.kernelRelease(),
                                "cgroups",
                                facts.cgroupLayout().name().toLowerCase(Locale.ROOT),
                                "apparmor",
                                facts.appArmor()
                                        .fold(on -> on ? "on" : "off", absent -> "off", unreadable -> "unknown"),
                                "reader",
                                facts.reader().way(),
                                "events",
                                events))
                        .build())
                .build());
        all.add(profiles(report));
        all.addAll(ProfileEventSeries.of(report.node().profiles().profiles()));
        all.add(gauge(
                        "plumbline_scan_last_success_timestamp_seconds",
                        "When the last successful scan ended, in seconds since 1970.")
                .dataPoint(point(last.at().toEpochMilli() / MILLIS, Labels.EMPTY))
                .build());
    }

    private static MetricSnapshot findings(String name, String help, FindingSeries series) {
        GaugeSnapshot.Builder gauge = gauge(name, help);
        series.counts().forEach((labels, count) -> {
            Labels.Builder names = Labels.builder()
                    .label("kind", labels.kind().word())
                    .label("check", labels.check())
                    .label("severity", labels.severity().word());
            if (!labels.namespace().isEmpty()) {
                names.label("namespace", labels.namespace());
            }
            if (!labels.workload().isEmpty()) {
                names.label("workload", labels.workload());
            }
            gauge.dataPoint(point(count, names.build()));
        });
        return gauge.build();
    }

    private static MetricSnapshot processes(ScanReport report) {
        long inside = report.node().containers().stream()
                .mapToLong(container -> container.processes().size())
                .sum();
        long unattributed = report.node().others().stream()
                .map(AttributedProcess::attribution)
                .filter(Attribution.Unattributed.class::isInstance)
                .count();
        return gauge("plumbline_processes", "Processes by what they belong to.")
                .dataPoint(point(inside, Labels.of("attribution", "pod")))
                .dataPoint(point(report.node().others().size() - unattributed, Labels.of("attribution", "host")))
                .dataPoint(point(unattributed, Labels.of("attribution", "unattributed")))
                .build();
    }

    private static MetricSnapshot profiles(ScanReport report) {
        Map<String, Integer> byState = new TreeMap<>();
        report.node()
                .profiles()
                .profiles()
                .forEach(profile -> byState.merge(profile.state().word(), 1, Integer::sum));
        GaugeSnapshot.Builder gauge =
                gauge("plumbline_apparmor_profiles", "AppArmor profiles, wanted or loaded, by state.");
        byState.forEach((state, count) -> gauge.dataPoint(point(count, Labels.of("state", state))));
        return gauge.build();
    }

    private static MetricSnapshot undetermined(ScanReport report) {
        Map<String, Integer> byCheck = new TreeMap<>();
        for (ContainerReport container : report.containers()) {
            for (Verdict verdict : container.verdicts()) {
                byCheck.merge(verdict.check(), verdict.undetermined().size(), Integer::sum);
            }
        }
        if (!report.unseen().isEmpty()) {
            byCheck.put("every check", report.unseen().size());
        }
        GaugeSnapshot.Builder gauge = gauge("plumbline_undetermined", "What could not be determined, by check.");
        byCheck.forEach((check, count) -> gauge.dataPoint(point(count, Labels.of("check", check))));
        return gauge.build();
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static GaugeDataPointSnapshot point(long value, Labels labels) {
        return point((double) value, labels);
    }

    private static GaugeDataPointSnapshot point(double value, Labels labels) {
        return GaugeDataPointSnapshot.builder().value(value).labels(labels).build();
    }
}
