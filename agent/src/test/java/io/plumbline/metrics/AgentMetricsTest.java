package io.plumbline.metrics;

import static io.plumbline.SketchedReport.container;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.plumbline.SketchedProfiles;
import io.plumbline.SketchedReport;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.FindingChange;
import io.plumbline.model.Moment;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private final AgentMetrics metrics = new AgentMetrics("1.2.3");

    @Test
    void openFindingsAreCountedByWorkloadAndWhatIsGoneLeavesNoSeries() {
        scan(
                0,
                SketchedReport.at(NOON)
                        .shows(Severity.HIGH, "seccomp", container("shop", "web-1"), "web")
                        .shows(Severity.HIGH, "seccomp", container("shop", "web-2"), "web")
                        .shows(Severity.CRITICAL, "host-mount", container("", "lone"), ""));
        String seccomp = "{check=\"seccomp\",kind=\"drift\",namespace=\"shop\",severity=\"high\",workload=\"web\"}";
        String mount = "{check=\"host-mount\",kind=\"drift\",severity=\"critical\"}";
        assertThat(series("plumbline_findings{"))
                .containsExactlyInAnyOrder(
                        "plumbline_findings" + seccomp + " 2.0", "plumbline_findings" + mount + " 1.0");
        scan(1, SketchedReport.at(NOON));
        assertThat(series("plumbline_findings{")).isEmpty();
    }

    @Test
    void everyMetricOfAScanIsThereAndNoneBeforeTheFirst() {
        assertThat(series("plumbline_scan_last_success_timestamp_seconds")).isEmpty();
        scan(
                0,
                SketchedReport.at(NOON)
                        .couldNotLook(container("shop", "web"), "seccomp", "apparmor")
                        .conforms(container("shop", "db"), "seccomp"));
        assertThat(series("plumbline_"))
                .contains(
                        "plumbline_containers 2.0",
                        "plumbline_processes{attribution=\"pod\"} 0.0",
                        "plumbline_processes{attribution=\"host\"} 0.0",
                        "plumbline_processes{attribution=\"unattributed\"} 0.0",
                        "plumbline_undetermined{check=\"seccomp\"} 1.0",
                        "plumbline_undetermined{check=\"apparmor\"} 1.0",
                        "plumbline_scan_duration_seconds_count 1",
                        "plumbline_series_dropped_total 0.0",
                        "plumbline_node_info{apparmor=\"on\",cgroups=\"v2\",events=\"none\",kernel=\"6.12.0\",reader=\"sketch\",version=\"1.2.3\"} 1");
        assertThat(sum(series("plumbline_scan_last_success_timestamp_seconds ")))
                .isEqualTo((double) NOON.getEpochSecond());
    }

    @Test
    void attemptThatFailedIsNoScan() {
        LastScan last = scan(0, SketchedReport.at(NOON));
        metrics.publish(state(last, Optional.of("EIO")), List.of());
        assertThat(series("plumbline_scan_duration_seconds_count"))
                .containsExactly("plumbline_scan_duration_seconds_count 1");
    }

    @Test
    void delayIsFromTheStartOfTheProcessUnlessItIsOlderThanTheAgent() {
        for (int age : new int[] {3, 100_000}) {
            ScanReport report = SketchedReport.at(NOON)
                    .showsProcess("seccomp", container("shop", "web"), NOON.minusSeconds(age))
                    .report();
            LastScan last = new LastScan(report, new Moment(NOON, 0), Duration.ofMillis(30), 0);
            metrics.publish(
                    state(last, Optional.empty()),
                    List.of(new FindingChange.Opened(report.findings().get(0))));
        }
        assertThat(series("plumbline_detection_delay_seconds_"))
                .contains(
                        "plumbline_detection_delay_seconds_bucket{le=\"2.0\"} 0",
                        "plumbline_detection_delay_seconds_bucket{le=\"5.0\"} 1",
                        "plumbline_detection_delay_seconds_count 1",
                        "plumbline_detection_delay_seconds_sum 3.0");
    }

    @Test
    void seriesStayWithinTheBoundWhateverRunsAndNothingIsLost() {
        SketchedReport worst = SketchedReport.at(NOON);
        List<Severity> severities = List.of(Severity.values());
        int findings = 0;
        for (int pod = 0; pod < 250; pod++) {
            for (int check = 0; check < 20; check++) {
                worst.shows(
                        severities.get(check % severities.size()),
                        "check-" + check,
                        container("namespace-" + pod % 60, "pod-" + pod),
                        "workload-" + pod);
                findings++;
            }
        }
        worst.shows(Severity.CRITICAL, "alone", container("shop", "tree"), "tree");
        worst.holds(profiles(1000));
        scan(0, worst);
        List<String> series = series("plumbline_findings{");
        assertThat(series)
                .hasSizeLessThanOrEqualTo(AgentMetrics.MOST_FINDING_SERIES)
                .hasSizeGreaterThan(300);
        assertThat(series.stream()
                        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .sum())
                .isEqualTo(findings + 1);
        assertThat(series).anyMatch(line -> line.contains("workload=\"other\""));
        assertThat(series).anyMatch(line -> line.contains("check=\"alone\"") && line.contains("workload=\"tree\""));
        assertThat(series("plumbline_series_dropped_total").get(0)).isNotEqualTo("plumbline_series_dropped_total 0.0");
        assertThat(series("")).hasSizeLessThan(500);
    }

    @Test
    void whatProfilesDeniedHasSeriesForThoseThatDeniedMostAndOneForTheOthers() {
        scan(0, SketchedReport.at(NOON).holds(profiles(30)));
        List<String> series = series("plumbline_apparmor_events{");
        assertThat(series)
                .hasSize(2 * (ProfileEventSeries.MOST_PROFILES + 1))
                .contains(
                        "plumbline_apparmor_events{profile=\"profile-29\",verdict=\"denied\"} 29.0",
                        "plumbline_apparmor_events{profile=\"profile-29\",verdict=\"allowed\"} 1.0")
                .noneMatch(line -> line.contains("somebody's"));
        assertThat(sum(series)).isEqualTo(29 * 30 / 2 + 30 + 1000 + 1);
        assertThat(series("plumbline_apparmor_profiles_uncounted"))
                .containsExactly("plumbline_apparmor_profiles_uncounted 1.0");
        scan(0, SketchedReport.at(NOON).holds(SketchedProfiles.ofANode()));
        assertThat(series("plumbline_apparmor_events{"))
                .containsExactlyInAnyOrder(
                        "plumbline_apparmor_events{profile=\"web\",verdict=\"denied\"} 14.0",
                        "plumbline_apparmor_events{profile=\"web\",verdict=\"allowed\"} 3.0");
    }

    /** So many of ours, one of somebody else that denied more than all of them, and one that nobody counted. */
    private static AppArmorProfiles profiles(int ours) {
        List<Profile> profiles = new ArrayList<>();
        for (int each = 0; each < ours; each++) {
            profiles.add(profile("profile-" + each, State.VERIFIED, events(1, each)));
        }
        profiles.add(profile("somebody's own", State.OTHER, events(1, 1000)));
        profiles.add(profile("unknown", State.VERIFIED, new Reading.Unreadable<>("/dev/kmsg", "EPERM")));
        return new AppArmorProfiles(Optional.empty(), Reading.of("3.0.8"), profiles, List.of(), true);
    }

    private static Reading<ProfileEvents> events(long allowed, long denied) {
        return Reading.of(new ProfileEvents("/dev/kmsg", NOON, allowed, denied, true, List.of()));
    }

    private static Profile profile(String name, State state, Reading<ProfileEvents> events) {
        return new Profile(
                name,
                state,
                Optional.empty(),
                Optional.empty(),
                Optional.of("enforce"),
                Optional.empty(),
                new Reading.Absent<>("hash"),
                false,
                false,
                0,
                List.of(),
                0,
                events,
                List.of(),
                List.of());
    }

    /** Fewer namespaces than series: then those keep their names, and only workloads are folded. */
    @Test
    void namespacesAreKeptWhereTheyFit() {
        SketchedReport many = SketchedReport.at(NOON);
        for (int pod = 0; pod < 1000; pod++) {
            many.shows(Severity.HIGH, "seccomp", container("namespace-" + pod % 10, "pod-" + pod), "workload-" + pod);
        }
        scan(0, many);
        List<String> series = series("plumbline_findings{");
        assertThat(series)
                .hasSize(AgentMetrics.MOST_FINDING_SERIES)
                .noneMatch(line -> line.contains("namespace=\"other\""))
                .anyMatch(line -> line.contains("namespace=\"namespace-9\"") && line.contains("workload=\"other\""));
        assertThat(sum(series)).isEqualTo(1000);
    }

    @Test
    void namesThatAWorkloadChoseAreEscaped() {
        scan(0, SketchedReport.at(NOON).shows(Severity.HIGH, "seccomp", container("a\"} 1\nevil 1", "web"), "b\\"));
        String labels = "{check=\"seccomp\",kind=\"drift\",namespace=\"a\\\"} 1\\n"
                + "evil 1\",severity=\"high\",workload=\"b\\\\\"}";
        assertThat(series("plumbline_findings{")).containsExactly("plumbline_findings" + labels + " 1.0");
    }

    @Test
    void openMetricsIsGivenToWhomAsksForIt() {
        scan(0, SketchedReport.at(NOON));
        String accept = "application/openmetrics-text;version=1.0.0";
        assertThat(metrics.contentType(accept)).startsWith("application/openmetrics-text");
        assertThat(metrics.text(accept)).endsWith("# EOF\n");
        assertThat(metrics.contentType(null)).startsWith("text/plain");
        String protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
        assertThat(metrics.contentType(protobuf)).startsWith("text/plain");
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        assumeThat(promtool()).as("promtool of the package prometheus").isPresent();
        scan(
                0,
                SketchedReport.at(NOON)
                        .shows(Severity.HIGH, "seccomp", container("shop", "web"), "web")
                        .couldNotLook(container("shop", "web"), "apparmor"));
        Process lint = new ProcessBuilder(promtool().orElseThrow(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (var in = lint.getOutputStream()) {
            in.write(metrics.text(null).getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(lint.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).isEmpty();
        assertThat(lint.waitFor()).isZero();
    }

    private static double sum(List<String> series) {
        return series.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static Optional<String> promtool() {
        return Stream.concat(
                        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)),
                        Stream.of("/usr/bin"))
                .map(directory -> new File(directory, "promtool"))
                .filter(File::canExecute)
                .map(File::getPath)
                .findFirst();
    }

    private LastScan scan(int second, SketchedReport report) {
        LastScan last =
                new LastScan(report.report(), new Moment(NOON.plusSeconds(second), 0), Duration.ofMillis(30), 0);
        metrics.publish(state(last, Optional.empty()), List.of());
        return last;
    }

    private static AgentState state(LastScan last, Optional<String> trouble) {
        return new AgentState(
                NOON.minusSeconds(3600),
                Duration.ofSeconds(15),
                new Moment(NOON, 0),
                Optional.of(last),
                trouble,
                new DeclaredSide(false, Optional.empty(), Optional.empty()),
                new Memory(Optional.empty(), Optional.empty()));
    }

    private List<String> series(String start) {
        return metrics.text(null)
                .lines()
                .filter(line -> !line.startsWith("#") && line.startsWith(start))
                .toList();
    }
}
