package io.plumbline.kubernetes;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingsAt;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an agent says of its node to the whole cluster: {@code status} of a {@code NodeReport} of {@code plumbline.io/v1alpha1}. The object's
 * definition in the chart is made from this type. A few kilobytes at most, whatever runs on the node.
 */
public record NodeReport(
        @JsonPropertyDescription("When the scan ended that this is of, RFC 3339") @Bounds(length = 40)
        String observedAt,

        @JsonPropertyDescription("The version of the agent that wrote it") @Bounds(length = 64)
        String agentVersion,

        @JsonPropertyDescription("Why the last attempt to scan failed; left out where it succeeded")
        @Bounds(length = MOST_TEXT)
        Optional<String> trouble,

        @JsonPropertyDescription("The node as the agent found it")
        Node node,

        @JsonPropertyDescription("Containers with a process, sandboxes apart")
        int containers,

        @JsonPropertyDescription("Processes by whom they belong to")
        Processes processes,

        @JsonPropertyDescription("Open findings by severity")
        Findings findings,

        @JsonPropertyDescription("The AppArmor profiles that this node is to have")
        Profiles profiles,

        @JsonPropertyDescription("Verdicts that could not be reached, because something could not be read")
        int undetermined,

        @JsonPropertyDescription("The worst of the open findings, worst first") @Bounds(items = MOST_FINDINGS)
        List<Worst> worst) {

    static final int MOST_FINDINGS = 10;
    static final int MOST_TEXT = 256;
    static final int MOST_PROFILES = 10;
    static final int MOST_ERRORS = 3;

    /** The agent can see all of this without the cluster. */
    public record Node(
            @JsonPropertyDescription("The kernel's release, as uname(2) gives it") @Bounds(length = 128)
            String kernel,

            @JsonPropertyDescription("How cgroups are mounted: v1, hybrid, v2 or unknown") @Bounds(length = 16)
            String cgroups,

            @JsonPropertyDescription("Does the kernel enforce AppArmor profiles: on, off or unknown")
            @Bounds(length = 16)
            String appArmor,

            @JsonPropertyDescription("Profiles in the kernel; left out where they cannot be read")
            Optional<Integer> appArmorProfiles,

            @JsonPropertyDescription("Why the kubelet's answer in use is not a new one; left out where it is")
            @Bounds(length = MOST_TEXT)
            Optional<String> kubeletTrouble) {}

    /** All processes of the node. */
    public record Processes(
            @JsonPropertyDescription("In containers") long pod,
            @JsonPropertyDescription("Of the node itself") long host,

            @JsonPropertyDescription("Of no known container, and not of the node")
            long unattributed) {}

    /** How many are open. */
    public record Findings(
            @JsonPropertyDescription("The node is at risk") long critical,

            @JsonPropertyDescription("A promise of the spec is broken")
            long high,

            @JsonPropertyDescription("A policy's baseline is violated, or a setting is without effect")
            long medium,

            @JsonPropertyDescription("A restricted policy is violated")
            long low,

            @JsonPropertyDescription("Worth knowing") long info) {}

    /** All that are wanted from here, and those of them that are not as they are wanted. */
    public record Profiles(
            @JsonPropertyDescription("How many are wanted, by objects, a directory or a command")
            int wanted,

            @JsonPropertyDescription("Of these, in the kernel under their name")
            int loaded,

            @JsonPropertyDescription("Of these, in the kernel byte for byte, and in their mode")
            int verified,

            @JsonPropertyDescription("Of these, refused before they were loaded: their text is wrong")
            int rejected,

            @JsonPropertyDescription("Why it is not all known what is wanted; left out where it is")
            @Bounds(length = MOST_TEXT)
            Optional<String> trouble,

            @JsonPropertyDescription("Those that are not as they are wanted; the first by name")
            @Bounds(items = MOST_PROFILES)
            List<Profile> wrong) {
        public Profiles {
            wrong = List.copyOf(wrong);
        }

        static Profiles of(AppArmorProfiles seen) {
            List<AppArmorProfiles.Profile> wanted = seen.profiles().stream()
                    .filter(profile -> profile.isWanted() && !profile.removing())
                    .toList();
            return new Profiles(
                    wanted.size(),
                    (int) wanted.stream()
                            .filter(profile -> profile.mode().isPresent())
                            .count(),
                    count(wanted, State.VERIFIED),
                    count(wanted, State.REJECTED),
                    seen.trouble().stream().findFirst().map(error -> shown(error.toString())),
                    wanted.stream()
                            .filter(profile -> profile.state() != State.VERIFIED
                                    || !profile.errors().isEmpty())
                            .limit(MOST_PROFILES)
                            .map(Profile::of)
                            .toList());
        }

        private static int count(List<AppArmorProfiles.Profile> profiles, State state) {
            return (int) profiles.stream()
                    .filter(profile -> profile.state() == state)
                    .count();
        }
    }

    /** One that is not as it is wanted. */
    public record Profile(
            @JsonPropertyDescription("Its name; the source's where a rejected text does not tell one")
            @Bounds(length = MOST_TEXT)
            String name,

            @JsonPropertyDescription("Where its text is from: AppArmorProfile/<name>, or a file")
            @Bounds(length = MOST_TEXT)
            Optional<String> source,

            @JsonPropertyDescription("rejected, missing, content, mode, foreign, unverified or verified")
            @Bounds(length = 16)
            String state,

            @JsonPropertyDescription("What is wrong with its text, or why it could not be loaded; the first few")
            @Bounds(items = MOST_ERRORS)
            List<TextError> errors) {
        public Profile {
            errors = List.copyOf(errors);
        }

        static Profile of(AppArmorProfiles.Profile profile) {
            return new Profile(
                    shown(profile.name()),
                    profile.source().map(NodeReport::shown),
                    profile.state().word(),
                    profile.errors().stream()
                            .limit(MOST_ERRORS)
                            .map(error -> new TextError(error.line(), error.column(), shown(error.text())))
                            .toList());
        }
    }

    /** One thing that is wrong with a text. */
    public record TextError(
            @JsonPropertyDescription("From 1 on; 0 where it is about the whole text")
            int line,

            @JsonPropertyDescription("From 1 on; 0 where it is not known")
            int column,

            @JsonPropertyDescription("One line for a person") @Bounds(length = MOST_TEXT)
            String text) {}

    /** One of the open findings; all of it is in the agent's API. */
    public record Worst(
            @JsonPropertyDescription("The finding's id in the agent's API") @Bounds(length = 64)
            String id,

            @JsonPropertyDescription("drift, policy, inert, node or profile") @Bounds(length = 16)
            String kind,

            @JsonPropertyDescription("The check that found it") @Bounds(length = 64)
            String check,

            @JsonPropertyDescription("critical, high, medium, low or info") @Bounds(length = 16)
            String severity,

            @JsonPropertyDescription("The pod's namespace; left out where there is no pod") @Bounds(length = 63)
            Optional<String> namespace,

            @JsonPropertyDescription("The pod; left out where there is none") @Bounds(length = 253)
            Optional<String> pod,

            @JsonPropertyDescription("The container; left out for a sandbox") @Bounds(length = 253)
            Optional<String> container,

            @JsonPropertyDescription("What is wrong") @Bounds(length = MOST_TEXT)
            String title,

            @JsonPropertyDescription("Since when it is known, RFC 3339") @Bounds(length = 40)
            String firstSeen) {}

    public NodeReport {
        worst = List.copyOf(worst);
    }

    /** Of the last scan that succeeded; empty before the first. */
    static Optional<NodeReport> of(AgentState state, String version) {
        return state.last().map(last -> of(state, last, version));
    }

    private static NodeReport of(AgentState state, LastScan last, String version) {
        ScanReport report = last.report();
        return new NodeReport(
                time(last.at()),
                cut(version, 64),
                state.scanTrouble().map(NodeReport::shown),
                node(state, report.node().facts()),
                (int) report.containers().stream()
                        .filter(container -> !container.view().isSandbox())
                        .count(),
                processes(report),
                new Findings(
                        count(report, Severity.CRITICAL),
                        count(report, Severity.HIGH),
                        count(report, Severity.MEDIUM),
                        count(report, Severity.LOW),
                        count(report, Severity.INFO)),
                Profiles.of(report.node().profiles()),
                undetermined(report),
                report.findings().stream()
                        .limit(MOST_FINDINGS)
                        .map(NodeReport::worst)
                        .toList());
    }

    private static Node node(AgentState state, NodeFacts facts) {
        return new Node(
                cut(Excerpt.line(facts.kernelRelease()), 128),
                facts.cgroupLayout().name().toLowerCase(Locale.ROOT),
                facts.appArmor().fold(on -> on ? "on" : "off", absent -> "off", unreadable -> "unknown"),
                facts.appArmorProfiles().observed().map(Map::size),
                state.declared().trouble().map(NodeReport::shown));
    }

    private static Processes processes(ScanReport report) {
        long unattributed = report.node().others().stream()
                .map(AttributedProcess::attribution)
                .filter(Attribution.Unattributed.class::isInstance)
                .count();
        return new Processes(
                report.node().containers().stream()
                        .mapToLong(container -> container.processes().size())
                        .sum(),
                report.node().others().size() - unattributed,
                unattributed);
    }

    static int undetermined(ScanReport report) {
        return report.unseen().size()
                + report.containers().stream()
                        .flatMap(container -> container.verdicts().stream())
                        .mapToInt(verdict -> verdict.undetermined().size())
                        .sum();
    }

    private static long count(ScanReport report, Severity severity) {
        return FindingsAt.timeless(report.findings()).stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    private static Worst worst(Finding finding) {
        return new Worst(
                finding.id(),
                finding.kind().word(),
                cut(finding.check(), 64),
                finding.severity().word(),
                text(finding.container().namespace(), 63),
                text(finding.container().pod(), 253),
                finding.container().container().flatMap(name -> text(name, 253)),
                shown(finding.title()),
                time(finding.firstSeen()));
    }

    static Optional<String> text(String text, int length) {
        return Optional.of(cut(Excerpt.line(text), length)).filter(shown -> !shown.isEmpty());
    }

    /** Printable, on one line, and no longer than the definition allows. */
    static String shown(String text) {
        return cut(Excerpt.line(text), MOST_TEXT);
    }

    static String cut(String text, int length) {
        return text.codePointCount(0, text.length()) <= length
                ? text
                : text.substring(0, text.offsetByCodePoints(0, length - 1)) + "…";
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** What is worth telling at once: all but the time and the numbers that never stand still. */
    NodeReport news() {
        return new NodeReport(
                "", agentVersion, trouble, node, 0, new Processes(0, 0, 0), findings, profiles, undetermined, worst);
    }
}
