package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * The masks over /proc stay, unless root in the pod is nobody on the node.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.procMount} of every container
 *
 * <p><b>Allowed Values:</b> unset, {@code Default}
 *
 * <p>v1.35: every value where {@code spec.hostUsers} is false.
 */
final class ProcMountCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "proc-mount",
            PodSecurityLevel.BASELINE,
            "Masks of /proc taken away",
            "The masks over /proc stay, unless root in the pod is nobody on the node. Baseline, from v1.0; from v1.35 not for pods with hostUsers: false, but at restricted see proc-mount-restricted.",
            "securityContext.procMount of every container",
            "unset, Default; from v1.35 every value where spec.hostUsers is false",
            "Leave procMount out");

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
        return List.of(
                Edition.since(0, ProcMountCheck::masked),
                Edition.since(35, ((Rule) ProcMountCheck::masked).exceptInUserNamespace()));
    }

    static Optional<String> masked(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            container
                    .security()
                    .procMount()
                    .filter(type -> !type.equals("Default"))
                    .ifPresent(type -> offences.in(container, "securityContext.procMount is " + Offences.quoted(type)));
        }
        return offences.message("Leave it out, or set it to Default");
    }
}
