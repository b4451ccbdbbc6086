package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * No container is privileged: that takes away nearly all that separates it from the node.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.privileged} of every container
 *
 * <p><b>Allowed Values:</b> unset, false
 */
final class PrivilegedCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "privileged",
            PodSecurityLevel.BASELINE,
            "Privileged container",
            "No container is privileged: that takes away nearly all that separates it from the node. Baseline, from v1.0.",
            "securityContext.privileged of every container",
            "unset, false",
            "Leave privileged out, and add the single capabilities or devices that are needed");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public PodSecurityLevel level() {
        return PodSecurityLevel.BASELINE;
    }

    @Override
    public List<Edition> editions() {
        return List.of(Edition.since(0, PrivilegedCheck::privileged));
    }

    private static Optional<String> privileged(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            if (container.security().privileged().orElse(false)) {
                offences.in(container, "securityContext.privileged is true");
            }
        }
        return offences.message("Leave it out, or set it to false");
    }
}
