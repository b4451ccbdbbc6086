package io.plumbline.serve;

import io.plumbline.model.AgentState;
import io.plumbline.model.FindingChange;
import java.util.List;

/** Whom the loop tells. */
@FunctionalInterface
public interface Audience {

    /**
     * After every attempt to scan, and when the state changed between them, by the loop's own thread: whoever takes long holds up the next
     * scan.
     *
     * @param changes what opened, worst first, then what closed; empty after an attempt that failed
     */
    void hear(AgentState state, List<FindingChange> changes);
}
