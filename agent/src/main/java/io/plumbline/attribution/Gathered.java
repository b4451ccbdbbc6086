package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A container from look to look: gathered again if one of its processes, or of its pod's, came or went or changed. */
final class Gathered {

    private final Set<String> podUids = new HashSet<>();
    private boolean stale = true;
    private @Nullable Member member;
    private @Nullable AttributedContainer container;
    private List<AttributedProcess> strangers = List.of();
    private Set<Integer> sandbox = Set.of();

    /** The pod that it was in when it was gathered last, and the one that it is in; none where it is in no pod. */
    Set<String> podUids() {
        return podUids;
    }

    boolean isStale() {
        return stale;
    }

    void touch() {
        stale = true;
    }

    /** Somebody is in it there. */
    void enter(Placement.Inside inside) {
        stale = true;
        String uid = inside.identity().podUid();
        if (!uid.isEmpty()) {
            podUids.add(uid);
        }
    }

    /** Gives it a process, if it is stale. */
    void add(ProcessSnapshot process, Placement.Inside inside) {
        if (stale) {
            if (member == null) {
                member = new Member(inside);
            }
            member.add(process, inside.directory());
        }
    }

    /** All who are in it were given: who of them is in a pod's sandbox is known, here and in all others. */
    void close() {
        if (stale && member != null) {
            sandbox = member.isSandbox() ? member.pids().collect(Collectors.toUnmodifiableSet()) : Set.of();
        }
    }

    /**
     * Nobody is in it any more. That of one that is not stale was found out before.
     */
    boolean isEmpty() {
        return stale && member == null;
    }

    /** Pids of a pod's sandbox; none for any other container. */
    Set<Integer> sandbox() {
        return sandbox;
    }

    void finish(
            NodeSnapshot snapshot, PodTree tree, BiFunction<ProcessSnapshot, Attribution, AttributedProcess> outside) {
        if (stale && member != null) {
            strangers = member.strangers(outside);
            container = member.finish(snapshot, tree);
            podUids.retainAll(Set.of(container.identity().podUid()));
            member = null;
            stale = false;
        }
    }

    /** As it was when it was gathered last; null if it never was. */
    @Nullable
    AttributedContainer lastContainer() {
        return container;
    }

    /** Who of those that were gathered last only imitates it. */
    List<AttributedProcess> strangers() {
        return strangers;
    }

    AttributedContainer container() {
        if (container == null) {
            throw new IllegalStateException("not finished");
        }
        return container;
    }
}
