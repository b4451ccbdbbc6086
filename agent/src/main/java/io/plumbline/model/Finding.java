package io.plumbline.model;

import java.time.Instant;
import java.time.LocalDate;
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
 * @param exception who accepts it, or did until lately
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
        Optional<Acceptance> exception) {

    public Finding {
        expected = List.copyOf(expected);
        granted = granted.map(List::copyOf);
        effective = List.copyOf(effective);
        processes = List.copyOf(processes);
        evidence = List.copyOf(evidence);
    }

    /** Somebody accepts it, and that holds: it is shown, and counts for no alarm. */
    public boolean isExcepted() {
        return exception.filter(acceptance -> !acceptance.expired()).isPresent();
    }

    /** The same, shown from a first look to a last one. */
    public Finding during(Instant firstSeen, Instant lastSeen) {
        return with(firstSeen, lastSeen, exception);
    }

    /** The same with the word of somebody who accepts it. */
    public Finding accepted(Acceptance by) {
        return with(firstSeen, lastSeen, Optional.of(by));
    }

    private Finding with(Instant firstSeen, Instant lastSeen, Optional<Acceptance> exception) {
        return new Finding(
                id,
                kind,
                check,
                severity,
                container,
                profile,
                node,
                workload,
                title,
                message,
                declared,
                expected,
                granted,
                effective,
                cause,
                remedy,
                processes,
                processCount,
                origin,
                evidence,
                policy,
                firstSeen,
                lastSeen,
                exception);
    }

    /**
     * Somebody's word that a finding is accepted for a while.
     *
     * @param expires the last day on which it holds, in UTC
     * @param expired that day is over: it holds no more, and somebody has to decide again
     */
    public record Acceptance(String reason, String owner, LocalDate expires, boolean expired) {}

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
