package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * What one check says of one container: one line of the plumb table.
 *
 * @param declared what the spec says, in words
 * @param expected what should follow from it
 * @param granted what the runtime was told; empty where no bundle was read or the check has no such thing
 * @param effective what the kernel shows; of several processes that differ, all values
 * @param violation empty unless the container is out of true
 * @param undetermined what could not be looked at
 * @param seen where the effective values were read: of each the first process that shows it
 */
public record Verdict(
        String check,
        String declared,
        List<String> expected,
        Optional<List<String>> granted,
        List<String> effective,
        Optional<Violation> violation,
        List<Undetermined> undetermined,
        List<Evidence> seen) {

    public Verdict {
        expected = List.copyOf(expected);
        granted = granted.map(List::copyOf);
        effective = List.copyOf(effective);
        undetermined = List.copyOf(undetermined);
        seen = List.copyOf(seen);
    }

    /** A verdict on what was not read from a process's file, or not read at all. */
    public Verdict(
            String check,
            String declared,
            List<String> expected,
            Optional<List<String>> granted,
            List<String> effective,
            Optional<Violation> violation,
            List<Undetermined> undetermined) {
        this(check, declared, expected, granted, effective, violation, undetermined, List.of());
    }

    /** What the statement rests on: what offends where something does, else what was seen. */
    public List<Evidence> evidence() {
        return violation.map(Violation::evidence).orElse(seen);
    }

    /** The three outcomes; a violation that was seen counts although something else could not be. */
    public Outcome outcome() {
        if (violation.isPresent()) {
            return Outcome.VIOLATES;
        }
        return undetermined.isEmpty() ? Outcome.CONFORMS : Outcome.UNDETERMINED;
    }

    /** Conforms, violates, or could not be told. */
    public enum Outcome {
        CONFORMS,
        VIOLATES,
        UNDETERMINED
    }

    /**
     * A container out of true.
     *
     * @param title what is wrong, without values: good for a heading
     * @param message who, what, with values
     * @param offenders the processes, oldest first; empty where the statement is about the container as such
     * @param evidence what was read, where
     */
    public record Violation(
            Severity severity,
            String title,
            String message,
            Cause cause,
            String remedy,
            List<AttributedProcess> offenders,
            List<Evidence> evidence) {
        public Violation {
            offenders = List.copyOf(offenders);
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * Something that could not be looked at, and so is not judged.
     *
     * @param source the file, or what is missing
     * @param why errno, or the reason
     * @param pid the process, 0 for the container as a whole
     */
    public record Undetermined(String source, String why, int pid) {}
}
