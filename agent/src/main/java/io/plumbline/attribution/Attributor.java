package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.RuntimeInventory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Gives each process of a snapshot to whom it belongs, by its cgroup and by nothing that a workload could choose. */
public final class Attributor {

    /** Of these nothing is asked. A shim or a runtime is: anybody may call his program so. */
    private static final Set<HostKind> UNJUDGED = Set.of(HostKind.KERNEL_THREAD, HostKind.ZOMBIE, HostKind.AGENT);

    private final Placement placement;
    private final NodeSnapshot snapshot;

    private Attributor(NodeSnapshot snapshot, Optional<DeclaredNode> declared, RuntimeInventory inventory) {
        this.snapshot = snapshot;
        this.placement = new Placement(snapshot, declared, new Known(declared, inventory));
    }

    /**
     * Attributes every process.
     *
     * @param declared the kubelet's answer; empty where none was asked, and the bundles are the declaration
     */
    public static AttributedNode attribute(
            NodeSnapshot snapshot, Optional<DeclaredNode> declared, RuntimeInventory inventory) {
        return new Attributor(snapshot, declared, inventory).attribute();
    }

    private AttributedNode attribute() {
        Map<String, Member> members = new LinkedHashMap<>();
        List<AttributedProcess> others = new ArrayList<>();
        for (ProcessSnapshot process : snapshot.processes()) {
            Placement.Answer answer = placement.of(process);
            if (answer instanceof Placement.Inside inside) {
                members.computeIfAbsent(inside.key(), key -> new Member(inside)).add(process, inside.directory());
            } else {
                others.add(outside(process, ((Placement.Outside) answer).attribution()));
            }
        }
        List<AttributedContainer> containers = new ArrayList<>();
        PodTree tree = new PodTree(
                snapshot,
                members.values().stream()
                        .filter(Member::isSandbox)
                        .flatMap(Member::pids)
                        .collect(Collectors.toUnmodifiableSet()));
        for (Member member : members.values()) {
            others.addAll(member.strangers(this::outside));
            containers.add(member.finish(snapshot, tree));
        }
        containers.sort(
                Comparator.comparing((AttributedContainer c) -> c.identity().namespace())
                        .thenComparing(c -> c.identity().pod())
                        .thenComparing(c -> c.identity().container().orElse(""))
                        .thenComparing(c -> c.identity().containerId()));
        others.sort(Comparator.comparing(other -> other.process().pid()));
        return new AttributedNode(containers, others, NamespaceOwners.of(containers, snapshot.facts()));
    }

    private AttributedProcess outside(ProcessSnapshot process, Attribution attribution) {
        boolean unjudged = attribution instanceof Attribution.OfHost host && UNJUDGED.contains(host.kind());
        boolean settled = !unjudged && Settling.isSettled(process, snapshot, true);
        return new AttributedProcess(process, attribution, false, settled);
    }

    /** The identity under which an unattributed process is spoken of. */
    static ContainerIdentity nameless(Optional<String> podUid, String containerId, String runtime) {
        return new ContainerIdentity("", "", podUid.orElse(""), Optional.empty(), containerId, runtime);
    }
}
