package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * No container is told to run as root.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.runAsUser} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> unset, every number but 0
 *
 * <p>v1.23: new. v1.35: every value where {@code spec.hostUsers} is false.
 */
final class RunAsUserCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "run-as-user",
            PodSecurityLevel.RESTRICTED,
            "Container is told to run as root",
            "No container is told to run as root. Restricted, from v1.23; from v1.35 not for pods with hostUsers: false.",
            "securityContext.runAsUser of the pod and of every container",
            "unset, every number but 0; from v1.35 every value where spec.hostUsers is false",
            "Leave runAsUser out, or set it to another number than 0");

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
                Edition.since(23, RunAsUserCheck::notRoot),
                Edition.since(35, ((Rule) RunAsUserCheck::notRoot).exceptInUserNamespace()));
    }

    private static Optional<String> notRoot(DeclaredPod pod) {
        Offences offences = new Offences();
        if (isRoot(pod.security().runAsUser())) {
            offences.inPod("securityContext.runAsUser is 0");
        }
        for (DeclaredContainer container : pod.containers()) {
            if (isRoot(container.security().runAsUser())) {
                offences.in(container, "securityContext.runAsUser is 0");
            }
        }
        return offences.message("Leave it out, or set it to another number");
    }

    private static boolean isRoot(Optional<Long> user) {
        return user.filter(uid -> uid == 0).isPresent();
    }
}
