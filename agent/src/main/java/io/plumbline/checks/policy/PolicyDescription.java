package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Severity;

/** The form in which the checks of the standards describe themselves. */
final class PolicyDescription {

    private PolicyDescription() {}

    /**
     * @param title what is wrong, in constant words
     * @param promise the sentence of the standard, and since when
     * @param fields the restricted fields
     * @param allowed their allowed values
     */
    static CheckDescription of(
            String id,
            PodSecurityLevel level,
            String title,
            String promise,
            String fields,
            String allowed,
            String remedy) {
        Severity severity = level == PodSecurityLevel.BASELINE ? Severity.MEDIUM : Severity.LOW;
        return new CheckDescription(
                id,
                FindingKind.POLICY,
                severity.word(),
                title,
                promise,
                "The declaration: " + fields + ". Allowed: " + allowed + ".",
                remedy + ".");
    }
}
