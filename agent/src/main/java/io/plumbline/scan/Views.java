package io.plumbline.scan;

import io.plumbline.expectation.Expectation;
import io.plumbline.expectation.RuntimeDefaults;
import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.SameObjects;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The containers with what the kernel should show of each, from look to look: derived again if the container, or what holds for all, is
 * not as it was. One thread at a time.
 */
final class Views {

    private @Nullable Basis basis;
    private @Nullable RuntimeInventory bundles;
    private @Nullable Learned learned;
    private IdentityHashMap<AttributedContainer, ContainerView> known = new IdentityHashMap<>();
    private @Nullable Kept kept;

    /** The views that were gone on from last, and of which containers, in the same order. */
    private record Kept(List<AttributedContainer> containers, List<ContainerView> views) {

        @SuppressWarnings("ReferenceEquality") // the very same containers
        boolean isOf(List<AttributedContainer> others) {
            return containers == others;
        }
    }

    /**
     * All that a promise is derived from beside the container, and beside the other bundles where a bundle is the declaration.
     *
     * @param facts as they last
     * @param kubelet its configuration; empty where none was asked
     */
    private record Basis(
            NodeFacts facts,
            boolean showsAppArmor,
            Optional<Reading<KubeletConfiguration>> kubelet,
            ClusterFacts cluster,
            RuntimeDefaults defaults,
            Policies policies) {

        /** Of the host's mounts, it is only asked whether a runtime sees AppArmor by them. */
        static Basis of(NodeFacts facts, Optional<DeclaredNode> declared, RuntimeDefaults defaults, Policies policies) {
            return new Basis(
                    facts.lasting(),
                    facts.showsAppArmor(),
                    declared.map(DeclaredNode::kubelet),
                    declared.map(DeclaredNode::cluster).orElse(ClusterFacts.NOT_ASKED),
                    defaults,
                    policies);
        }

        @SuppressWarnings("ReferenceEquality") // policies that were read again are others, whatever they say
        boolean isSame(Basis other) {
            return policies == other.policies
                    && defaults.equals(other.defaults)
                    && kubelet.equals(other.kubelet)
                    && cluster.equals(other.cluster)
                    && showsAppArmor == other.showsAppArmor
                    && facts.equals(other.facts);
        }
    }

    /** What the node's runtime gives unasked, learned from these. */
    private record Learned(List<AttributedContainer> from, RuntimeDefaults defaults) {}

    List<ContainerView> of(
            AttributedNode attributed,
            NodeFacts facts,
            Optional<DeclaredNode> declared,
            RuntimeInventory inventory,
            Policies policies) {
        Basis now = Basis.of(facts, declared, defaults(attributed.containers()), policies);
        Basis before = basis;
        boolean same = before != null && before.isSame(now);
        boolean sameBundles = inventory.equals(bundles);
        if (same && sameBundles && kept != null && kept.isOf(attributed.containers())) {
            return kept.views();
        }
        // Until all are derived nothing is known: what fails half-way is begun afresh by the next look.
        basis = null;
        kept = null;
        bundles = inventory;
        Expectation expectation = new Expectation(facts, declared, inventory, now.defaults());
        IdentityHashMap<AttributedContainer, ContainerView> next = new IdentityHashMap<>();
        List<ContainerView> views = new ArrayList<>(attributed.containers().size());
        for (AttributedContainer container : attributed.containers()) {
            boolean asBefore = same && (sameBundles || !(container.declaration() instanceof Declaration.OfBundle));
            ContainerView known = asBefore ? this.known.get(container) : null;
            ContainerView view = known == null
                    ? new ContainerView(
                            container, withPolicy(expectation.of(container), container, now.cluster(), policies))
                    : known;
            next.put(container, view);
            views.add(view);
        }
        this.known = next;
        // The earlier one, if it is the same: its parts are then compared by reference the next time.
        basis = same ? before : now;
        return views;
    }

    /**
     * These are gone on from: of a container that is as it was, the view of before.
     *
     * @param settled one for each container that {@link #of} was asked about, in the same order
     */
    void keep(AttributedNode attributed, List<ContainerView> settled) {
        if (kept != null && kept.isOf(attributed.containers()) && SameObjects.areIn(kept.views(), settled)) {
            return;
        }
        kept = new Kept(attributed.containers(), settled);
        for (int i = 0; i < settled.size(); i++) {
            known.put(attributed.containers().get(i), settled.get(i));
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very same containers
    private RuntimeDefaults defaults(List<AttributedContainer> containers) {
        Learned before = learned;
        if (before != null && before.from() == containers) {
            return before.defaults();
        }
        RuntimeDefaults defaults = RuntimeDefaults.of(containers);
        learned = new Learned(containers, defaults);
        return defaults;
    }

    /** A policy that lets no root run is a promise, whatever the spec says. */
    private static Expected withPolicy(
            Expected expected, AttributedContainer container, ClusterFacts cluster, Policies policies) {
        if (expected.nonRoot().value().isPresent() || !(container.declaration() instanceof Declaration.OfSpec spec)) {
            return expected;
        }
        return policies.levels()
                .nonRootPolicy(spec.pod(), cluster)
                .map(found ->
                        expected.withNonRoot(Promise.of("MustRunAsNonRoot of PodSecurityPolicy " + found.name(), true)))
                .orElse(expected);
    }
}
