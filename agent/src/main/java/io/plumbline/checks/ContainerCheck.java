package io.plumbline.checks;

import io.plumbline.model.ContainerView;
import io.plumbline.model.NodeView;
import io.plumbline.model.Verdict;
import java.util.Optional;

/** A check that judges one container at a time. */
public non-sealed interface ContainerCheck extends Check {

    /**
     * One line of the container's plumb table; empty where the check has nothing to say of such a container.
     *
     * @param node what holds for all of its containers, see {@link NodeView#withoutOthers}: so the answer holds as long as that and the
     *     container are as they were
     */
    Optional<Verdict> judge(ContainerView container, NodeView node);
}
