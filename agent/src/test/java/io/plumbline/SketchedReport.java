package io.plumbline;

import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.Finding;
import io.plumbline.model.Finding.ProcessReference;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import io.plumbline.model.Verdict.Violation;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reports made by hand, for what needs nothing of a report but who was found out of true at what. */
public final class SketchedReport {
    private static final Duration UPTIME = Duration.ofDays(1);

    private final Instant at;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Instant> announced = new HashMap<>();
    private final List<ContainerReport> containers = new ArrayList<>();
    private final List<AttributedProcess> others = new ArrayList<>();
    private AppArmorProfiles profiles = AppArmorProfiles.NONE;

    private SketchedReport(Instant at) {
        this.at = at;
    }

    public static SketchedReport at(Instant at) {
        return new SketchedReport(at);
    }

    /** An application container called {@code main} of a pod in a namespace. */
    public static ContainerIdentity container(String namespace, String pod) {
        return new ContainerIdentity(
                namespace, pod, "uid-of-" + pod, Optional.of("main"), "id-of-" + pod, "containerd");
    }

    /** The finding that {@link #shows} adds, for comparison. */
    public static String id(ContainerIdentity container, String check) {
        return container.namespace() + "/" + container.pod() + "/" + check;
    }

    public SketchedReport shows(Severity severity, String check, ContainerIdentity... offenders) {
        for (ContainerIdentity offender : offenders) {
            findings.add(finding(severity, check, offender, offender.pod(), Optional.empty()));
        }
        return this;
    }

    public SketchedReport shows(Severity severity, String check, ContainerIdentity offender, String workload) {
        findings.add(finding(severity, check, offender, workload, Optional.empty()));
        return this;
    }

    public SketchedReport showsProcess(String check, ContainerIdentity offender, Instant started) {
        findings.add(finding(Severity.HIGH, check, offender, offender.pod(), Optional.of(started)));
        return this;
    }

    /** The same as {@link #shows}, of a process that the kernel itself told of. */
    public SketchedReport announces(String check, ContainerIdentity offender, Instant event) {
        announced.put(id(offender, check), event);
        return shows(Severity.HIGH, check, offender);
    }

    /** The container is there, and these checks could not look at it. */
    public SketchedReport couldNotLook(ContainerIdentity container, String... checks) {
        List<Verdict> verdicts = Arrays.stream(checks)
                .map(check -> new Verdict(
                        check,
                        "",
                        List.of(),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        List.of(new Undetermined("/proc/7/ns/mnt", "EACCES", 7))))
                .toList();
        containers.add(new ContainerReport(view(container), verdicts));
        return this;
    }

    /** The container is there, and beside what a check shows of it there is a process that it could not look at. */
    public SketchedReport couldNotLookBeside(ContainerIdentity container, String check, int pid) {
        Verdict verdict = new Verdict(
                check,
                "",
                List.of(),
                Optional.empty(),
                List.of(),
                Optional.of(new Violation(Severity.HIGH, "", "", Cause.AFTER_START, "", List.of(), List.of())),
                List.of(new Undetermined("/proc/7/ns/mnt", "EACCES", pid)));
        containers.add(new ContainerReport(view(container), List.of(verdict)));
        return this;
    }

    /** The container is there, and conforms in these checks. */
    public SketchedReport conforms(ContainerIdentity container, String... checks) {
        List<Verdict> verdicts = Arrays.stream(checks)
                .map(check ->
                        new Verdict(check, "", List.of(), Optional.empty(), List.of(), Optional.empty(), List.of()))
                .toList();
        containers.add(new ContainerReport(view(container), verdicts));
        return this;
    }

    /** The same as {@link #shows}, and somebody accepts it. */
    public SketchedReport excepts(Severity severity, String check, ContainerIdentity offender) {
        findings.add(finding(severity, check, offender, offender.pod(), Optional.empty())
                .accepted(new Finding.Acceptance("known", "shop", LocalDate.of(2027, 1, 1), false)));
        return this;
    }

    /** The host runs this one since a second. */
    public SketchedReport runsNewborn(int pid) {
        others.add(new AttributedProcess(
                Processes.ofHost(pid).age(Duration.ofSeconds(1)).snapshot(UPTIME),
                new Attribution.OfHost(HostKind.PROCESS),
                false,
                false));
        return this;
    }

    /** These AppArmor profiles are there, or are not. */
    public SketchedReport holds(AppArmorProfiles held) {
        profiles = held;
        return this;
    }

    public ScanReport report() {
        return new ScanReport(
                new NodeView(
                        facts(at),
                        containers.stream().map(ContainerReport::view).toList(),
                        others,
                        Map.of(),
                        Map.of(),
                        Optional.of(new DeclaredNode(
                                "kubelet",
                                Optional.of("node1"),
                                List.of(),
                                new Reading.Absent<>("/configz"),
                                List.of())),
                        NodeConfiguration.NOT_READ,
                        profiles,
                        Set.of()),
                "node1",
                Optional.empty(),
                new RuntimeInventory(List.of(), List.of(), List.of()),
                containers,
                findings,
                List.of(),
                List.of(),
                announced);
    }

    private Finding finding(
            Severity severity,
            String check,
            ContainerIdentity container,
            String workload,
            Optional<Instant> processStarted) {
        return new Finding(
                id(container, check),
                FindingKind.DRIFT,
                check,
                severity,
                container,
                Optional.empty(),
                "node1",
                workload,
                "title of " + check,
                "message of " + check,
                "declared",
                List.of("expected"),
                Optional.empty(),
                List.of("effective"),
                Cause.AFTER_START,
                "remedy",
                processStarted
                        .map(start ->
                                List.of(new ProcessReference(7, Optional.of(start), "/bin/sleep 1", Optional.empty())))
                        .orElse(List.of()),
                processStarted.isPresent() ? 1 : 0,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                at,
                at,
                Optional.empty());
    }

    private static ContainerView view(ContainerIdentity identity) {
        return new ContainerView(
                new AttributedContainer(
                        identity,
                        new Declaration.OfNobody(),
                        new Reading.Absent<>("config.json"),
                        List.of(),
                        Optional.empty()),
                new Expected(
                        Map.of(),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none(""),
                        Promise.none("")));
    }

    private static NodeFacts facts(Instant at) {
        return new NodeFacts(
                at,
                "6.12.0",
                Reading.of(at.minus(UPTIME)),
                Reading.of(UPTIME),
                100,
                Reading.of(40),
                Map.of(),
                new Reading.Absent<>("/proc/1/status"),
                NodeFacts.CgroupLayout.V2,
                Reading.of(true),
                List.of(),
                Reading.of(Map.of()),
                Reading.of(false),
                new Reading.Absent<>("/proc/1/mountinfo"),
                new Reading.Absent<>("/proc/sys/net/ipv4/ip_local_port_range"),
                Set.of(),
                "/",
                new NodeFacts.Reader(0, 0, CapabilitySet.NONE, "sketch"));
    }
}
