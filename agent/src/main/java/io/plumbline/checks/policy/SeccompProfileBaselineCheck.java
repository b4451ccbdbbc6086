package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.Profile;
import java.util.List;
import java.util.Optional;

/**
 * A seccomp profile, if there is one, is the runtime's default or one that is on the node.
 *
 * <p>Up to v1.18:
 *
 * <p><b>Restricted Fields:</b> {@code metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]} and {@code
 * metadata.annotations["container.seccomp.security.alpha.kubernetes.io/<container>"]} of every container that there is
 *
 * <p><b>Allowed Values:</b> unset, {@code runtime/default}, {@code docker/default}, {@code localhost/*}
 *
 * <p>From v1.19 on:
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.seccompProfile.type} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> unset, {@code RuntimeDefault}, {@code Localhost}
 */
final class SeccompProfileBaselineCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "seccomp-profile-baseline",
            PodSecurityLevel.BASELINE,
            "seccomp profile taken away",
            "A seccomp profile, if there is one, is the runtime's default or one that is on the node. Baseline, from v1.0 by annotation, from v1.19 by field; at restricted replaced by seccomp-profile-restricted from v1.19.",
            "securityContext.seccompProfile.type of the pod and of every container; up to v1.18 annotations seccomp.security.alpha.kubernetes.io/pod and container.seccomp.security.alpha.kubernetes.io/<container>",
            "unset, RuntimeDefault, Localhost; as annotations runtime/default, docker/default, localhost/*",
            "Use RuntimeDefault or Localhost, or leave the profile out");

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
                Edition.since(0, SeccompProfileBaselineCheck::annotations),
                Edition.since(19, SeccompProfileBaselineCheck::fields));
    }

    private static final String POD_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String CONTAINER_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/";

    private static Optional<String> annotations(DeclaredPod pod) {
        Offences offences = new Offences();
        annotation(pod, POD_ANNOTATION, offences);
        for (DeclaredContainer container : pod.containers()) {
            annotation(pod, CONTAINER_ANNOTATION + container.name(), offences);
        }
        return offences.message("Use runtime/default or localhost/..., or leave it out");
    }

    private static void annotation(DeclaredPod pod, String key, Offences offences) {
        String value = pod.annotations().get(key);
        if (value != null
                && !value.equals("runtime/default")
                && !value.equals("docker/default")
                && !value.startsWith("localhost/")) {
            offences.plain("annotation " + key + " is " + Offences.quoted(value));
        }
    }

    private static Optional<String> fields(DeclaredPod pod) {
        Offences offences = new Offences();
        forbidden(pod.security().seccompProfile()).ifPresent(offences::inPod);
        for (DeclaredContainer container : pod.containers()) {
            forbidden(container.security().seccompProfile()).ifPresent(what -> offences.in(container, what));
        }
        return offences.message("Use RuntimeDefault or Localhost, or leave it out");
    }

    /** What is wrong with a profile that is set. */
    static Optional<String> forbidden(Optional<Profile> profile) {
        return profile.filter(set -> !isConfining(set))
                .map(set -> "securityContext.seccompProfile.type is " + Offences.quoted(set.type()));
    }

    static boolean isConfining(Profile profile) {
        return profile.type().equals("RuntimeDefault") || profile.type().equals("Localhost");
    }
}
