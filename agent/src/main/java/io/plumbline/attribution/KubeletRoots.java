package io.plumbline.attribution;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Below which cgroups the kubelet has its pods, as opposed to those who imitate it.
 *
 * <p>Usually that is the top of the tree. A node that is itself a container (kind) has it in that container's cgroup; but so has any
 * privileged container that makes a {@code kubepods} of its own. And a user may make any cgroup in his slice.
 */
final class KubeletRoots {

    private final Map<String, Set<String>> atTop = new HashMap<>();
    private final Map<String, Set<String>> inContainers = new HashMap<>();
    private final Known known;

    /** @param places what each cgroup that somebody is in says */
    KubeletRoots(Collection<List<CgroupPlace>> places, Known known) {
        this.known = known;
        for (List<CgroupPlace> all : places) {
            for (CgroupPlace place : all) {
                if (place.podUid().isPresent() && !place.isInUserSlice()) {
                    (place.isInContainer() ? inContainers : atTop)
                            .computeIfAbsent(place.podUid().get(), uid -> new HashSet<>())
                            .add(place.root());
                }
            }
        }
    }

    /** Are these they, of what is known now? */
    @SuppressWarnings("ReferenceEquality") // what was made of others is another
    boolean isOf(Known now) {
        return known == now;
    }

    /** Would the same be said by these? */
    boolean isSame(KubeletRoots other) {
        return atTop.equals(other.atTop) && inContainers.equals(other.inContainers);
    }

    /**
     * Is this a pod's cgroup that a container made for itself? Then its processes are that container's. So it is if the kubelet does not
     * know the pod, or has it elsewhere, or says that the container has ended.
     */
    boolean isContainersOwn(CgroupPlace place) {
        String uid = place.podUid().orElse("");
        return place.isInContainer()
                && (atTop.containsKey(uid) || known.pod(uid).isEmpty() || hasEnded(place));
    }

    private boolean hasEnded(CgroupPlace place) {
        return place.containerId()
                .flatMap(known::container)
                .flatMap(found -> found.container().status())
                .filter(status -> status.state().equals("terminated"))
                .isPresent();
    }

    /** Is this where the kubelet would put the pod, and the only such place? */
    boolean isTrue(CgroupPlace place) {
        Set<String> roots = (place.isInContainer() ? inContainers : atTop)
                .getOrDefault(place.podUid().orElse(""), Set.of());
        return !place.isInUserSlice() && roots.size() == 1 && roots.contains(place.root());
    }
}
