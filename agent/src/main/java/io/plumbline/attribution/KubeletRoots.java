package io.plumbline.attribution;

import io.plumbline.model.ProcessSnapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Below which cgroups the kubelet has its pods, as opposed to those who imitate it.
 *
 * <p>Usually that is the top of the tree. A node that is itself a container (kind) has it in that container's cgroup; but so has any
 * privileged container that makes a {@code kubepods} of its own. And a user may make any cgroup in his slice.
 */
final class KubeletRoots {

    private final boolean atTop;
    private final Map<String, Set<String>> rootsByPod = new HashMap<>();
    private final Known known;

    /** @param places what the lines of a process's cgroup file say */
    KubeletRoots(List<ProcessSnapshot> processes, Function<ProcessSnapshot, List<CgroupPlace>> places, Known known) {
        this.known = known;
        Map<String, Set<String>> top = new HashMap<>();
        Map<String, Set<String>> inContainers = new HashMap<>();
        for (ProcessSnapshot process : processes) {
            for (CgroupPlace place : places.apply(process)) {
                if (place.podUid().isPresent() && !place.isInUserSlice()) {
                    (place.isInContainer() ? inContainers : top)
                            .computeIfAbsent(place.podUid().get(), uid -> new HashSet<>())
                            .add(place.root());
                }
            }
        }
        atTop = top.keySet().stream().anyMatch(uid -> known.pod(uid).isPresent());
        rootsByPod.putAll(inContainers);
        rootsByPod.putAll(top);
    }

    /** Is this a pod's cgroup that a container made for itself? Then its processes are that container's. */
    boolean isContainersOwn(CgroupPlace place) {
        return place.isInContainer()
                && (atTop || known.pod(place.podUid().orElse("")).isEmpty());
    }

    /** Is this where the kubelet would put the pod, and the only such place? */
    boolean isTrue(CgroupPlace place) {
        Set<String> roots = rootsByPod.getOrDefault(place.podUid().orElse(""), Set.of());
        return !place.isInUserSlice() && roots.size() == 1 && roots.contains(place.root());
    }
}
