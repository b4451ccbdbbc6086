package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import java.util.List;

/**
 * The masks over /proc stay, in a user namespace too.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.procMount} of every container
 *
 * <p><b>Allowed Values:</b> unset, {@code Default}
 *
 * <p>v1.35: new, because baseline's check asks less from there on.
 */
final class ProcMountRestrictedCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "proc-mount-restricted",
            PodSecurityLevel.RESTRICTED,
            "Masks of /proc taken away",
            "The masks over /proc stay, in a user namespace too. Restricted, from v1.35, in the place of proc-mount.",
            "securityContext.procMount of every container",
            "unset, Default",
            "Leave procMount out");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public PodSecurityLevel level() {
        return PodSecurityLevel.RESTRICTED;
    }

    @Override
    public List<Edition> editions() {
        return List.of(Edition.since(35, ProcMountCheck::masked).replacing("proc-mount"));
    }
}
