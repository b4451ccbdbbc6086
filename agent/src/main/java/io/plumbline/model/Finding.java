package io.plumbline.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One statement about one container (or about the node): the unit of the API, of metrics and of alerts.
 *
 * @param id the same for the same container and check, on every scan
 * @param container whom it is about; all empty for findings about the node or a profile
 * @param profile the AppArmor profile that it is about
 * @param workload the pod's owner, for metrics
 * @param processes at most the ten oldest
 * @param processCount all of them
 * @param origin {@code exec} where all processes came by exec into the container
 * @param policy the policy that asks for it, for kind {@code policy}
 * @param exception why it is accepted
 */
public record Finding(
        String id,
        FindingKind kind,
        String check,
        Severity severity,
        ContainerIdentity container,
        Optional<String> profile,
        String node,
        String workload,
        String title,
        String message,
        String declared,
        List<String> expected,
        Optional<List<String>> granted,
        List<String> effective,
        Cause cause,
        String remedy,
        List<ProcessReference> processes,
        int processCount,
        Optional<String> origin,
        List<Evidence> evidence,
        Optional<String> policy,
        Instant firstSeen,
        Instant lastSeen,
        Optional<String> exception) {

    public Finding {
        expected = List.copyOf(expected);
        granted = granted.map(List::copyOf);
        effective = List.copyOf(effective);
        processes = List.copyOf(processes);
        evidence = List.copyOf(evidence);
    }

    /** Whom it is about, for a sentence. */
    public String subject() {
        return profile.map(name -> "profile " + name).orElseGet(container::words);
    }

    /**
     * A process in a finding.
     *
     * @param command the arguments, masked and cut
     */
    public record ProcessReference(int pid, Optional<Instant> startTime, String command, Optional<String> origin) {}
}
