package io.plumbline.serve;

import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pods that run, and that the kubelet no longer lists, or lists without their containers.
 *
 * <p>A kubelet that has just started lists nothing at first, then one pod after the other, and a static pod before it knows of its
 * containers. A static pod whose manifest is gone is off the list before it has ended. What was declared holds for a while.
 */
final class MissedPods {

    /** At least: longer than a pod has to end, if its spec says nothing. */
    static final Duration GRACE = Duration.ofSeconds(60);

    /** Beyond the time that a pod's spec gives it: what the kubelet and the runtime need to start and to clear up. */
    static final Duration CLEARING = Duration.ofSeconds(30);

    /** Of what a spec asks for, more is not believed: what still runs then is an orphan. */
    static final Duration LONGEST = Duration.ofHours(1);

    /** By UID, since when each is missed. */
    private Map<String, Instant> since = Map.of();

    /**
     * The answer, with the pods that are missed as they were declared before.
     *
     * @param before the last answer that was completed
     * @param running UIDs of pods that have processes
     */
    DeclaredNode complete(DeclaredNode answer, DeclaredNode before, Set<String> running, Instant now) {
        Map<String, DeclaredPod> pods = new LinkedHashMap<>();
        answer.pods().forEach(pod -> pods.put(pod.uid(), pod));
        Map<String, Instant> missed = new HashMap<>();
        for (DeclaredPod pod : before.pods()) {
            if (running.contains(pod.uid()) && isMissed(pod, pods.get(pod.uid()))) {
                Instant from = since.getOrDefault(pod.uid(), now);
                // The clock may be set back too.
                if (Duration.between(from, now).abs().compareTo(grace(pod)) < 0) {
                    missed.put(pod.uid(), from);
                    pods.put(pod.uid(), pod);
                }
            }
        }
        since = missed;
        return missed.isEmpty() ? answer : answer.withPods(new ArrayList<>(pods.values()));
    }

    private static Duration grace(DeclaredPod pod) {
        Duration period = pod.terminationGracePeriod().orElse(Duration.ZERO);
        Duration needed = (period.compareTo(LONGEST) < 0 ? period : LONGEST).plus(CLEARING);
        return needed.compareTo(GRACE) > 0 ? needed : GRACE;
    }

    private static boolean isMissed(DeclaredPod before, @Nullable DeclaredPod now) {
        return now == null || (hasContainers(before) && !hasContainers(now));
    }

    private static boolean hasContainers(DeclaredPod pod) {
        return pod.containers().stream()
                .anyMatch(container -> container.status().flatMap(Status::id).isPresent());
    }
}
