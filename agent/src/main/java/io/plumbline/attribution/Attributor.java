package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.RuntimeInventory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives each process of a snapshot to whom it belongs, by its cgroup and by nothing that a workload could choose.
 *
 * <p>Asked again and again it goes on from the last answer: whose snapshot is the one of the last time is where he was, unless the
 * kubelet or a runtime says something else of his pod, or a process of it is another. What time alone may change, of a process that is younger than it
 * takes to settle, is found out each time. One thread at a time.
 */
public final class Attributor {

    /** Of these nothing is asked. A shim or a runtime is: anybody may call his program so. */
    private static final Set<HostKind> UNJUDGED = Set.of(HostKind.KERNEL_THREAD, HostKind.ZOMBIE, HostKind.AGENT);

    private @Nullable Last last;

    /** What the next look goes on from, as long as the basis is the same. */
    private static final class Last {
        private final Basis basis;
        private final Known known;
        private final Cgroups cgroups;
        private final Containers containers;
        private List<Placed> placed = List.of();
        private List<ProcessSnapshot> entered = List.of();
        private boolean lasting;
        private boolean anybodyElse;
        private boolean anybodyElseOutside;
        private @Nullable KubeletRoots roots;
        private @Nullable AttributedNode node;

        Last(Basis basis) {
            this.basis = basis;
            this.known = new Known(basis.declared(), basis.inventory());
            this.cgroups = new Cgroups(basis.nodeBase());
            this.containers = new Containers();
        }

        /** On another basis, of the same node: whoever that may make a difference to is to be placed again. */
        Last(Basis basis, Last before) {
            this.basis = basis;
            this.known = new Known(basis.declared(), basis.inventory());
            this.cgroups = before.cgroups;
            this.containers = before.containers;
            this.placed = before.placed;
            this.entered = before.entered;
            this.roots = before.roots;
            this.node = before.node;
            cgroups.reconsider(before.known.difference(known));
        }

        static Last of(Basis basis, @Nullable Last before) {
            if (before == null || !before.basis.isOfSameNode(basis)) {
                return new Last(basis);
            }
            return before.basis.equals(basis) ? before : new Last(basis, before);
        }
    }

    /**
     * Attributes every process.
     *
     * @param declared the kubelet's answer; empty where none was asked, and the bundles are the declaration
     * @return the last answer itself if nothing can have become otherwise
     */
    public AttributedNode attribute(
            NodeSnapshot snapshot, Optional<DeclaredNode> declared, RuntimeInventory inventory) {
        Basis basis = Basis.of(snapshot, declared, inventory);
        Last before = last;
        last = null;
        Last now = Last.of(basis, before);
        if (!enter(now, snapshot)) {
            // Somebody has a pod's cgroup where nobody had one: that may make an imitation of what was believed.
            now = new Last(basis);
            enter(now, snapshot);
        }
        AttributedNode node = finish(now, snapshot);
        last = now;
        return node;
    }

    /**
     * Puts those who are as they were where they were, and the others nowhere.
     *
     * @return the kubelet's pods are where they were, or nobody was there before
     */
    private static boolean enter(Last now, NodeSnapshot snapshot) {
        now.anybodyElse = false;
        now.anybodyElseOutside = false;
        if (!areAllSame(now, snapshot.processes())) {
            place(now, snapshot.processes());
            now.entered = snapshot.processes();
        }
        boolean others = now.cgroups.settle();
        KubeletRoots before = now.roots;
        if (!others && before != null && before.isOf(now.known)) {
            return true;
        }
        KubeletRoots roots = new KubeletRoots(now.cgroups.places(), now.known);
        now.roots = roots;
        return before == null || before.isSame(roots);
    }

    @SuppressWarnings("ReferenceEquality") // of the same snapshots the list is the same
    private static boolean areAllSame(Last now, List<ProcessSnapshot> processes) {
        return now.lasting && now.entered == processes;
    }

    private static void place(Last now, List<ProcessSnapshot> processes) {
        List<Placed> before = now.placed;
        List<Placed> placed = new ArrayList<>(processes.size());
        now.lasting = false;
        int at = 0;
        for (ProcessSnapshot process : processes) {
            for (; at < before.size() && before.get(at).pid() < process.pid(); at++) {
                leave(now, before.get(at));
            }
            Placed known = at < before.size() && before.get(at).pid() == process.pid() ? before.get(at++) : null;
            if (known != null && isSame(known, process)) {
                placed.add(known);
                continue;
            }
            // In before the other is out: a cgroup that is not left empty need not be read again.
            placed.add(new Placed(process, now.cgroups.enter(process), false, null, null, null));
            if (known != null) {
                leave(now, known);
            }
        }
        for (; at < before.size(); at++) {
            leave(now, before.get(at));
        }
        now.placed = placed;
    }

    @SuppressWarnings("ReferenceEquality") // of whom everything is as it was, the snapshot is the same
    private static boolean isSame(Placed known, ProcessSnapshot process) {
        return known.lasting() && known.process() == process;
    }

    private static void leave(Last now, Placed placed) {
        now.anybodyElse = true;
        now.anybodyElseOutside |= placed.outside() != null;
        now.cgroups.leave(placed.cgroup());
        if (placed.container() != null) {
            placed.container().touch();
        }
    }

    private static AttributedNode finish(Last now, NodeSnapshot snapshot) {
        if (now.node != null && areAllSame(now, snapshot.processes())) {
            return now.node;
        }
        Placement placement = new Placement(
                snapshot,
                now.basis.declared().isPresent(),
                now.known,
                now.cgroups,
                Objects.requireNonNull(now.roots, "entered"));
        boolean same = !now.anybodyElse;
        boolean lasting = true;
        for (int i = 0; i < now.placed.size(); i++) {
            Placed known = now.placed.get(i);
            if (known.cgroup().isStale() || !isAnywhere(known)) {
                now.placed.set(i, place(now, known, placement, snapshot));
                same = false;
            }
            lasting &= now.placed.get(i).lasting();
        }
        now.lasting = lasting;
        AttributedNode before = now.node;
        boolean gathered = now.containers.gather(
                now.placed, snapshot, (process, attribution) -> outside(process, attribution, snapshot));
        if (before != null && same && !gathered) {
            return before;
        }
        AttributedNode node = put(now, before, gathered, snapshot);
        now.node = node;
        return node;
    }

    private static boolean isAnywhere(Placed placed) {
        return placed.container() != null || placed.outside() != null;
    }

    private static Placed place(Last now, Placed placed, Placement placement, NodeSnapshot snapshot) {
        ProcessSnapshot process = placed.process();
        Placement.Answer answer = placement.of(process);
        boolean lasting = snapshot.facts()
                .ageOf(process.key())
                .map(age -> age.compareTo(ageToLast(now, process, answer)) > 0)
                .orElse(true);
        if (placed.container() != null) {
            placed.container().touch();
        }
        if (answer instanceof Placement.Inside inside) {
            now.anybodyElseOutside |= placed.outside() != null;
            Gathered container = now.containers.of(inside);
            container.enter(inside);
            return new Placed(process, placed.cgroup(), lasting, inside, container, null);
        }
        AttributedProcess outside = outside(process, ((Placement.Outside) answer).attribution(), snapshot);
        if (isSame(placed.outside(), outside)) {
            return new Placed(process, placed.cgroup(), lasting, null, null, placed.outside());
        }
        now.anybodyElseOutside = true;
        return new Placed(process, placed.cgroup(), lasting, null, null, outside);
    }

    /** Of the same process. */
    private static boolean isSame(@Nullable AttributedProcess before, AttributedProcess now) {
        return before != null
                && before.settled() == now.settled()
                && before.attribution().equals(now.attribution());
    }

    /** Older than this, time alone makes no difference to the answer. */
    private static Duration ageToLast(Last now, ProcessSnapshot process, Placement.Answer answer) {
        boolean untilTheKubeletTells = answer instanceof Placement.Inside inside
                && inside.declaration() instanceof Declaration.OfSpec
                && now.known.container(inside.identity().containerId()).isEmpty();
        Duration settled = Settling.ageToSettle(process);
        return untilTheKubeletTells && settled.compareTo(Placement.GRACE) < 0 ? Placement.GRACE : settled;
    }

    /** @param gathered containers are not all as they were */
    private static AttributedNode put(
            Last now, @Nullable AttributedNode before, boolean gathered, NodeSnapshot snapshot) {
        List<AttributedProcess> others =
                before != null && !now.anybodyElseOutside && !now.containers.mayStrangersDiffer()
                        ? before.others()
                        : others(now);
        if (before != null && !gathered) {
            return new AttributedNode(before.containers(), others, before.namespaceOwners());
        }
        List<AttributedContainer> containers = now.containers.sortedByName();
        return new AttributedNode(containers, others, now.containers.owners(containers, snapshot.facts()));
    }

    private static List<AttributedProcess> others(Last now) {
        List<AttributedProcess> others = now.containers.strangers();
        for (Placed placed : now.placed) {
            if (placed.outside() != null) {
                others.add(placed.outside());
            }
        }
        others.sort(Comparator.comparingInt(other -> other.process().pid()));
        return others;
    }

    private static AttributedProcess outside(ProcessSnapshot process, Attribution attribution, NodeSnapshot snapshot) {
        boolean unjudged = attribution instanceof Attribution.OfHost host && UNJUDGED.contains(host.kind());
        boolean settled = !unjudged && Settling.isSettled(process, snapshot, true);
        return new AttributedProcess(process, attribution, false, settled);
    }

    /** The identity under which an unattributed process is spoken of. */
    static ContainerIdentity nameless(Optional<String> podUid, String containerId, String runtime) {
        return new ContainerIdentity("", "", podUid.orElse(""), Optional.empty(), containerId, runtime);
    }
}
