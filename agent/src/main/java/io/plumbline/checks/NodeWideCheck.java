package io.plumbline.checks;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.NodeView;
import io.plumbline.model.Verdict;
import java.util.List;

/** A check that has to look at the whole node to say something of some container. */
public non-sealed interface NodeWideCheck extends Check {

    /** The containers that it has something to say of. */
    List<Judged> judge(NodeView node);

    /** A verdict and whom it is about; the container need not be one that the kubelet knows. */
    record Judged(ContainerIdentity container, Verdict verdict) {}
}
