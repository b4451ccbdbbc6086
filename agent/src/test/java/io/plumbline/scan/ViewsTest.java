package io.plumbline.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.PolicySet;
import io.plumbline.model.RuntimeInventory;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewsTest {

    private static final RuntimeInventory NO_BUNDLES = new RuntimeInventory(List.of(), List.of(), List.of());

    private final Nodes node = Nodes.node()
            .pods("metadata: {name: web}\nspec: {containers: [{name: main}]}")
            .with(Processes.of(100, "web", "main"));
    private final AttributedNode attributed = node.attributed();
    private final NodeFacts facts = node.snapshot().facts();
    private final Views views = new Views();

    @Test
    void whatIsAsItWasIsTheListOfBefore() {
        Policies policies = Policies.of(PolicySet.NONE);
        List<ContainerView> before = of(policies);
        views.keep(attributed, before);

        assertThat(before).hasSize(1);
        assertThat(of(policies)).isSameAs(before);
    }

    /** Whoever looks goes on after a bug: what was derived for an earlier node does not stand for this one. */
    @Test
    void viewsOfBeforeAreNotThoseOfALookThatFailed() {
        views.keep(attributed, of(Policies.of(PolicySet.NONE)));

        Policies broken = new Policies(null, null);
        for (int look = 0; look < 2; look++) {
            assertThatThrownBy(() -> of(broken)).isInstanceOf(NullPointerException.class);
        }
    }

    private List<ContainerView> of(Policies policies) {
        return views.of(attributed, facts, node.answer(), NO_BUNDLES, policies);
    }
}
