package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * The kubelet refuses to start a container as root.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.runAsNonRoot} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> true; unset in a container where the pod has true
 *
 * <p>v1.35: every value where {@code spec.hostUsers} is false.
 */
final class RunAsNonRootCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "run-as-non-root",
            PodSecurityLevel.RESTRICTED,
            "Container may run as root",
            "The kubelet refuses to start a container as root. Restricted, from v1.0; from v1.35 not for pods with hostUsers: false.",
            "securityContext.runAsNonRoot of the pod and of every container",
            "true; unset in a container where the pod has true; from v1.35 every value where spec.hostUsers is false",
            "Set the pod's securityContext.runAsNonRoot to true, and runAsUser where the image's user is a name");

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
                Edition.since(0, RunAsNonRootCheck::nonRoot),
                Edition.since(35, ((Rule) RunAsNonRootCheck::nonRoot).exceptInUserNamespace()));
    }

    private static Optional<String> nonRoot(DeclaredPod pod) {
        Offences offences = new Offences();
        Optional<Boolean> pods = pod.security().runAsNonRoot();
        if (!pods.orElse(true)) {
            offences.inPod("securityContext.runAsNonRoot is false");
        }
        for (DeclaredContainer container : pod.containers()) {
            Optional<Boolean> own = container.security().runAsNonRoot();
            if (!own.orElse(true)) {
                offences.in(container, "securityContext.runAsNonRoot is false");
            } else if (own.isEmpty() && pods.isEmpty()) {
                offences.in(container, "securityContext.runAsNonRoot is not set");
            }
        }
        return offences.message("Set it to true, for the pod or for the container");
    }
}
