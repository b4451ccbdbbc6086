package io.plumbline.attribution;

import io.plumbline.model.CgroupMembership;
import io.plumbline.model.ProcessSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The cgroups that processes are in, with what their names say, from look to look. Processes of one cgroup have one and the same
 * membership, mostly: it is told by identity, because its hash is that of all its lines.
 */
final class Cgroups {

    private final String nodeBase;
    private final IdentityHashMap<CgroupMembership, Cgroup> present = new IdentityHashMap<>();
    private final Set<Cgroup> touched = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, CgroupPlace> placeByPath = new HashMap<>();
    private boolean others;
    private boolean othersSaid;

    /** One of them. Of a process whose membership cannot be read it says nothing. */
    static final class Cgroup {
        private final Optional<CgroupMembership> membership;
        private final List<CgroupPlace> places;
        private final Set<String> pods;
        private final Set<String> containers;
        private final boolean maybeOutside;
        private int processes;
        private boolean stale;

        private Cgroup(Optional<CgroupMembership> membership, List<CgroupPlace> places) {
            this.membership = membership;
            this.places = places;
            this.pods =
                    places.stream().flatMap(place -> place.podUid().stream()).collect(Collectors.toUnmodifiableSet());
            this.containers = places.stream()
                    .flatMap(place -> place.containerId().stream())
                    .collect(Collectors.toUnmodifiableSet());
            this.maybeOutside = places.stream().allMatch(place -> place.podUid().isEmpty() || place.isInContainer());
        }

        /**
         * Who in it, or beside it in its pod, came or went or changed, or something else is said of it: whose its processes are is to be
         * asked again. In a cgroup of no pod nothing depends on who else is in it.
         */
        boolean isStale() {
            return stale;
        }

        /** Asked of every cgroup after each look. */
        private boolean isOfAny(Set<String> uids) {
            return haveAny(pods, uids);
        }

        private static boolean haveAny(Set<String> some, Set<String> others) {
            for (String one : some) {
                if (others.contains(one)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** @param nodeBase cgroup of the node's own init */
    Cgroups(String nodeBase) {
        this.nodeBase = nodeBase;
    }

    /** A process that was not here as it is. */
    Cgroup enter(ProcessSnapshot process) {
        Cgroup cgroup = process.cgroup()
                .observed()
                .map(membership -> present.computeIfAbsent(membership, this::found))
                .orElseGet(() -> new Cgroup(Optional.empty(), List.of()));
        cgroup.processes++;
        touched.add(cgroup);
        return cgroup;
    }

    /** A process that is not here any more as it was. */
    void leave(Cgroup cgroup) {
        cgroup.processes--;
        touched.add(cgroup);
    }

    /** Something else is said of these pods and containers; of what is in no pod, anything might be. */
    void reconsider(Known.Difference difference) {
        othersSaid = true;
        for (Cgroup cgroup : present.values()) {
            if (cgroup.isOfAny(difference.uids()) || Cgroup.haveAny(cgroup.containers, difference.ids())) {
                touched.add(cgroup);
            }
        }
    }

    private Cgroup found(CgroupMembership membership) {
        others = true;
        return new Cgroup(
                Optional.of(membership),
                membership.lines().stream()
                        .map(line -> placeByPath.computeIfAbsent(line.path(), path -> CgroupPlace.of(path, nodeBase)))
                        .toList());
    }

    /**
     * All have entered and left.
     *
     * @return the cgroups that somebody is in are others than before
     */
    boolean settle() {
        Set<String> pods = new HashSet<>();
        for (Cgroup cgroup : touched) {
            pods.addAll(cgroup.pods);
            if (cgroup.processes == 0) {
                others = true;
                cgroup.membership.ifPresent(present::remove);
            }
        }
        for (Cgroup cgroup : present.values()) {
            cgroup.stale = cgroup.isOfAny(pods) || (othersSaid && cgroup.maybeOutside);
        }
        boolean changed = others;
        others = false;
        othersSaid = false;
        touched.clear();
        placeByPath.clear();
        return changed;
    }

    /** What each of them says, in the order of its lines. */
    Collection<List<CgroupPlace>> places() {
        List<List<CgroupPlace>> all = new ArrayList<>(present.size());
        present.values().forEach(cgroup -> all.add(cgroup.places));
        return all;
    }

    /** What the lines of a process's cgroup file say. */
    List<CgroupPlace> places(ProcessSnapshot process) {
        return process.cgroup().observed().map(this::places).orElse(List.of());
    }

    /** What the lines of a cgroup that somebody is in say. */
    List<CgroupPlace> places(CgroupMembership membership) {
        Cgroup cgroup = present.get(membership);
        return cgroup == null ? List.of() : cgroup.places;
    }
}
