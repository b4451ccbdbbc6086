package io.plumbline.serve;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution.Reason;
import io.plumbline.model.Attribution.Unattributed;
import io.plumbline.model.ScanReport;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * When the kubelet is worth asking between scans: a process is in a pod or container that its last answer does not know. The kubelet itself
 * learns of a container a moment after it was started, so it is asked again, each time after twice as long, until the scans do anyway.
 */
final class Unknowns {

    private static final Duration FIRST = Duration.ofMillis(250);

    private final Duration longest;
    private Set<String> last = Set.of();
    private Duration pause = FIRST;

    /** @param longest from one scan to the next */
    Unknowns(Duration longest) {
        this.longest = longest;
    }

    /** After how long the kubelet is to be asked again; empty where it need not be. */
    Optional<Duration> pauseAfter(ScanReport report) {
        Set<String> now = new HashSet<>();
        for (AttributedProcess process : report.node().others()) {
            if (process.attribution() instanceof Unattributed nobody
                    && (nobody.reason() == Reason.UNKNOWN_POD || nobody.reason() == Reason.UNKNOWN_CONTAINER)) {
                now.add(nobody.containerId().or(nobody::podUid).orElse(nobody.detail()));
            }
        }
        Duration next = last.containsAll(now) ? pause.multipliedBy(2) : FIRST;
        pause = next.compareTo(longest) < 0 ? next : longest;
        last = now;
        if (now.isEmpty() || pause.equals(longest)) {
            return Optional.empty();
        }
        return Optional.of(pause);
    }
}
