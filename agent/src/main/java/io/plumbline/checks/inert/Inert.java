package io.plumbline.checks.inert;

import io.plumbline.model.Cause;
import io.plumbline.model.Evidence;
import java.util.List;

/**
 * One declaration without effect.
 *
 * @param declared the fields, as the spec has them
 * @param why in one sentence, without its full stop: who ignores it
 * @param remedy a sentence without its full stop
 * @param evidence what the kernel, the runtime's bundle or the kubelet's status shows
 */
record Inert(Cause cause, String declared, String why, String remedy, List<Evidence> evidence) {
    Inert {
        evidence = List.copyOf(evidence);
    }
}
