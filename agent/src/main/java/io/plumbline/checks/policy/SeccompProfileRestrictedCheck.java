package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.Profile;
import java.util.List;
import java.util.Optional;

/**
 * Every container has a seccomp profile, the runtime's default or one that is on the node.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.seccompProfile.type} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> {@code RuntimeDefault}, {@code Localhost}; unset in a container where the pod has one of them
 *
 * <p>v1.19: new, with the fields. v1.25: not for Windows.
 */
final class SeccompProfileRestrictedCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "seccomp-profile-restricted",
            PodSecurityLevel.RESTRICTED,
            "No seccomp profile",
            "Every container has a seccomp profile, the runtime's default or one that is on the node. Restricted, from v1.19; from v1.25 not for pods with spec.os.name windows.",
            "securityContext.seccompProfile.type of the pod and of every container",
            "RuntimeDefault, Localhost; unset in a container where the pod has one of them",
            "Set the pod's securityContext.seccompProfile.type to RuntimeDefault");

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
                Edition.since(19, SeccompProfileRestrictedCheck::confined).replacing("seccomp-profile-baseline"),
                Edition.since(25, ((Rule) SeccompProfileRestrictedCheck::confined).exceptForWindows())
                        .replacing("seccomp-profile-baseline"));
    }

    private static Optional<String> confined(DeclaredPod pod) {
        Offences offences = new Offences();
        Optional<Profile> pods = pod.security().seccompProfile();
        boolean covered = pods.filter(SeccompProfileBaselineCheck::isConfining).isPresent();
        SeccompProfileBaselineCheck.forbidden(pods).ifPresent(offences::inPod);
        for (DeclaredContainer container : pod.containers()) {
            Optional<Profile> own = container.security().seccompProfile();
            SeccompProfileBaselineCheck.forbidden(own).ifPresent(what -> offences.in(container, what));
            if (own.isEmpty() && !covered) {
                offences.in(container, "securityContext.seccompProfile.type is not set");
            }
        }
        return offences.message("Set it to RuntimeDefault or Localhost, for the pod or for the container");
    }
}
