package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.NodeWideCheck.Judged;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Evidence;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import io.plumbline.model.Verdict.Violation;
import java.util.List;
import java.util.Optional;

/** One statement about the node, in the form that all statements have. */
final class NodeVerdict {

    private final CheckDescription check;
    private final String expected;

    /** @param expected how it should be */
    NodeVerdict(CheckDescription check, String expected) {
        this.check = check;
        this.expected = expected;
    }

    Judged fine(String is) {
        return judged(is, Optional.empty(), List.of());
    }

    Judged unknown(Reading<?> reading) {
        Undetermined why = reading.fold(
                value -> new Undetermined("", "", 0),
                absent -> new Undetermined(absent.source(), "absent", 0),
                unreadable -> new Undetermined(unreadable.source(), unreadable.why(), 0));
        return judged("unknown", Optional.empty(), List.of(why));
    }

    Judged wrong(String is, String message, List<AttributedProcess> processes, Evidence evidence) {
        return wrong(is, message, processes, List.of(evidence));
    }

    Judged wrong(String is, String message, List<AttributedProcess> processes, List<Evidence> evidence) {
        Severity severity = Severity.ofWord(check.severity()).orElse(Severity.MEDIUM);
        return judged(
                is,
                Optional.of(new Violation(
                        severity, check.title(), message, Cause.CONFIGURATION, check.remedy(), processes, evidence)),
                List.of());
    }

    private Judged judged(String is, Optional<Violation> violation, List<Undetermined> undetermined) {
        return new Judged(
                ContainerIdentity.NODE,
                new Verdict(check.id(), "", List.of(expected), Optional.empty(), List.of(is), violation, undetermined));
    }
}
