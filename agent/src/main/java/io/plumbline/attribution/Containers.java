package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The containers from look to look: of those in whose pods nobody came or went or changed, nothing is found out again, nor is their order.
 */
final class Containers {

    private static final Comparator<AttributedContainer> BY_NAME = Comparator.comparing(
                    (AttributedContainer c) -> c.identity().namespace())
            .thenComparing(c -> c.identity().pod())
            .thenComparing(c -> c.identity().container().orElse(""))
            .thenComparing(c -> c.identity().containerId());

    private final Map<String, Gathered> byKey = new LinkedHashMap<>();

    /** All of them; null if one came or went since, or is called otherwise. */
    private @Nullable List<Gathered> byName;

    /** Null if one came or went since, or may own what it did not. */
    private @Nullable Map<Long, ContainerIdentity> owners;

    private boolean strangersMayDiffer;

    /** That one, which may be new. */
    Gathered of(Placement.Inside inside) {
        return byKey.computeIfAbsent(inside.key(), key -> new Gathered());
    }

    /**
     * Gathers those again in whose pods something changed.
     *
     * @param placed everybody
     * @return whether there were any
     */
    boolean gather(
            List<Placed> placed,
            NodeSnapshot snapshot,
            BiFunction<ProcessSnapshot, Attribution, AttributedProcess> outside) {
        strangersMayDiffer = false;
        Set<String> pods = new HashSet<>();
        boolean stale = false;
        for (Gathered container : byKey.values()) {
            if (container.isStale()) {
                stale = true;
                pods.addAll(container.podUids());
            }
        }
        if (!stale) {
            return false;
        }
        List<Gathered> again = new ArrayList<>();
        for (Gathered container : byKey.values()) {
            if (!Collections.disjoint(container.podUids(), pods)) {
                container.touch();
            }
            if (container.isStale()) {
                again.add(container);
            }
        }
        for (Placed one : placed) {
            if (one.container() != null && one.inside() != null) {
                one.container().add(one.process(), one.inside());
            }
        }
        leaveOut(again);
        again.forEach(Gathered::close);
        Set<Integer> sandboxes = new HashSet<>();
        for (Gathered container : byKey.values()) {
            sandboxes.addAll(container.sandbox());
        }
        PodTree tree = new PodTree(snapshot, sandboxes);
        again.forEach(container -> finish(container, snapshot, tree, outside));
        return true;
    }

    /** Those that nobody is in any more. */
    private void leaveOut(List<Gathered> again) {
        for (Gathered container : again) {
            strangersMayDiffer |= !container.strangers().isEmpty();
        }
        if (again.removeIf(Gathered::isEmpty)) {
            byKey.values().removeIf(Gathered::isEmpty);
            byName = null;
            owners = null;
        }
    }

    private void finish(
            Gathered gathered,
            NodeSnapshot snapshot,
            PodTree tree,
            BiFunction<ProcessSnapshot, Attribution, AttributedProcess> outside) {
        AttributedContainer before = gathered.lastContainer();
        gathered.finish(snapshot, tree, outside);
        AttributedContainer now = gathered.container();
        strangersMayDiffer |= !gathered.strangers().isEmpty();
        if (before == null || !before.identity().equals(now.identity())) {
            byName = null;
        }
        if (before == null || !NamespaceOwners.ownTheSame(before, now)) {
            owners = null;
        }
    }

    /** Who only imitates a container may be others than before the last {@link #gather}. */
    boolean mayStrangersDiffer() {
        return strangersMayDiffer;
    }

    List<AttributedProcess> strangers() {
        List<AttributedProcess> all = new ArrayList<>();
        for (Gathered container : byKey.values()) {
            all.addAll(container.strangers());
        }
        return all;
    }

    List<AttributedContainer> sortedByName() {
        List<Gathered> sorted = byName;
        if (sorted == null) {
            sorted = new ArrayList<>(byKey.values());
            sorted.sort(Comparator.comparing(Gathered::container, BY_NAME));
            byName = sorted;
        }
        List<AttributedContainer> containers = new ArrayList<>(sorted.size());
        for (Gathered container : sorted) {
            containers.add(container.container());
        }
        return containers;
    }

    /**
     * Whose which namespace is.
     *
     * @param containers all of these
     * @param facts of a node whose own namespaces are always the same
     */
    Map<Long, ContainerIdentity> owners(List<AttributedContainer> containers, NodeFacts facts) {
        Map<Long, ContainerIdentity> known = owners;
        if (known == null) {
            known = Map.copyOf(NamespaceOwners.of(containers, facts));
            owners = known;
        }
        return known;
    }
}
