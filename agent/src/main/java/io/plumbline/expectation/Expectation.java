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
import java.util.Map;
import java.util.Optional;

/** Derives what should hold for a container from whatever declares it. */
public final class Expectation {

    private final NodeFacts facts;
    private final boolean seccompDefault;
    private final RuntimeDefaults defaults;

    /**
     * @param declared the kubelet's answer, where it was asked
     * @param defaults what the node's runtime gives unasked
     */
    public Expectation(NodeFacts facts, Optional<DeclaredNode> declared, RuntimeDefaults defaults) {
        this.facts = facts;
        this.seccompDefault = declared.flatMap(node -> node.kubelet().observed())
                .map(KubeletConfiguration::seccompDefault)
                .orElse(false);
        this.defaults = defaults;
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
            return BundleExpectation.of(bundle.bundle());
        }
        return nothing(Map.of(), "nothing that declares it could be read");
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
