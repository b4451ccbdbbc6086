package io.plumbline.expectation;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.Masks;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.OciBundle;
import io.plumbline.model.RuntimeInventory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Derives what should hold for a container from whatever declares it. */
public final class Expectation {

    /** By which annotation a container's bundle names its sandbox: containerd's, then CRI-O's. */
    private static final List<String> SANDBOX_ID =
            List.of("io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID");

    private final NodeFacts facts;
    private final boolean seccompDefault;
    private final RuntimeDefaults defaults;
    private final Map<String, OciBundle> bundles = new HashMap<>();

    /**
     * @param declared the kubelet's answer, where it was asked
     * @param inventory where the bundles of sandboxes are
     * @param defaults what the node's runtime gives unasked
     */
    public Expectation(
            NodeFacts facts, Optional<DeclaredNode> declared, RuntimeInventory inventory, RuntimeDefaults defaults) {
        this.facts = facts;
        this.seccompDefault = declared.flatMap(node -> node.kubelet().observed())
                .map(KubeletConfiguration::seccompDefault)
                .orElse(false);
        this.defaults = defaults;
        inventory.bundles().forEach(bundle -> bundles.put(bundle.id(), bundle));
    }

    /** What the kernel should show of this container. */
    public Expected of(AttributedContainer container) {
        Declaration declaration = container.declaration();
        if (declaration instanceof Declaration.OfSpec spec) {
            return new SpecExpectation(facts, seccompDefault, defaults, spec, container).expected();
        }
        if (declaration instanceof Declaration.OfSandbox sandbox) {
            return nothing(
                    SpecExpectation.namespaces(sandbox.pod(), Optional.empty()),
                    "a sandbox's own rights are the runtime's affair");
        }
        if (declaration instanceof Declaration.OfBundle bundle) {
            return BundleExpectation.of(bundle.bundle(), sandboxOf(bundle.bundle()));
        }
        return nothing(Map.of(), "nothing that declares it could be read");
    }

    private Optional<OciBundle> sandboxOf(OciBundle bundle) {
        return SANDBOX_ID.stream()
                .map(key -> bundle.annotations().getOrDefault(key, ""))
                .filter(id -> !id.isEmpty() && !id.equals(bundle.id()))
                .flatMap(id -> Optional.ofNullable(bundles.get(id)).stream())
                .findFirst();
    }

    private static Expected nothing(Map<NamespaceType, Expected.Namespace> namespaces, String why) {
        return new Expected(
                namespaces,
                Promise.<CapabilitySet>none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.none(why),
                Promise.<Masks>none(why));
    }
}
