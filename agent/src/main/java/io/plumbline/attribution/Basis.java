package io.plumbline.attribution;

import io.plumbline.model.DeclaredNode;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * All that attribution looks at beside the processes. While it is the same, a process among the same others is where it was; where only what
 * the kubelet and the runtimes say is another, so is each process of which they do not say anything else.
 *
 * @param aged the node's uptime is known, and with it the age of each process
 */
record Basis(
        Optional<DeclaredNode> declared,
        RuntimeInventory inventory,
        String nodeBase,
        Map<NamespaceType, Reading<Long>> hostNamespaces,
        NodeFacts.Reader reader,
        Reading<Instant> bootTime,
        long ticksPerSecond,
        boolean aged) {

    static Basis of(NodeSnapshot snapshot, Optional<DeclaredNode> declared, RuntimeInventory inventory) {
        NodeFacts facts = snapshot.facts();
        return new Basis(
                declared,
                inventory,
                facts.nodeBase(),
                facts.hostNamespaces(),
                facts.reader(),
                facts.bootTime(),
                facts.ticksPerSecond(),
                facts.uptime().observed().isPresent());
    }

    /** All but what the kubelet, if it was asked, and the runtimes say. */
    boolean isOfSameNode(Basis other) {
        return declared.isPresent() == other.declared.isPresent()
                && saying(other.declared, other.inventory).equals(other);
    }

    private Basis saying(Optional<DeclaredNode> pods, RuntimeInventory bundles) {
        return new Basis(pods, bundles, nodeBase, hostNamespaces, reader, bootTime, ticksPerSecond, aged);
    }
}
