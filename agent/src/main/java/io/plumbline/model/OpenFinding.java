package io.plumbline.model;

import java.time.Instant;

/**
 * What is kept of an open finding from scan to scan and over a restart: who, what, and since when.
 *
 * @param id of the finding
 * @param firstSeen when it was shown for the first time, one scan before it opened
 * @param lastSeen the last scan that showed it, or a look after that which found it anew
 */
public record OpenFinding(
        String id,
        FindingKind kind,
        String check,
        Severity severity,
        ContainerIdentity container,
        Instant firstSeen,
        Instant lastSeen) {

    /** The part of a finding that is kept. */
    public static OpenFinding of(Finding finding) {
        return new OpenFinding(
                finding.id(),
                finding.kind(),
                finding.check(),
                finding.severity(),
                finding.container(),
                finding.firstSeen(),
                finding.lastSeen());
    }
}
