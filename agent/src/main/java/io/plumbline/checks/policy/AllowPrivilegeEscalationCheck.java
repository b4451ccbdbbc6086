package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * No program that a container starts, one with a set-user-ID bit above all, gains more privileges than the container has.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.allowPrivilegeEscalation} of every container
 *
 * <p><b>Allowed Values:</b> false
 *
 * <p>v1.8: new, with the field. v1.25: not for Windows.
 */
final class AllowPrivilegeEscalationCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "allow-privilege-escalation",
            PodSecurityLevel.RESTRICTED,
            "Privileges may grow",
            "No program that a container starts, one with a set-user-ID bit above all, gains more privileges than the container has. Restricted, from v1.8; from v1.25 not for pods with spec.os.name windows.",
            "securityContext.allowPrivilegeEscalation of every container",
            "false",
            "Set allowPrivilegeEscalation to false in every container");

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
        return List.of(
                Edition.since(8, AllowPrivilegeEscalationCheck::escalation),
                Edition.since(25, ((Rule) AllowPrivilegeEscalationCheck::escalation).exceptForWindows()));
    }

    private static Optional<String> escalation(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Optional<Boolean> allowed = container.security().allowPrivilegeEscalation();
            if (allowed.orElse(true)) {
                offences.in(
                        container,
                        "securityContext.allowPrivilegeEscalation is " + (allowed.isPresent() ? "true" : "not set"));
            }
        }
        return offences.message("Set it to false");
    }
}
