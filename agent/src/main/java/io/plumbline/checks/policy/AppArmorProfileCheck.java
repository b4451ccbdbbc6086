package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.AskedAppArmor;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.Profile;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where AppArmor is on, nothing takes a container out of the runtime's default profile but a profile that is on the node.
 *
 * <p><b>Restricted Fields:</b> {@code metadata.annotations["container.apparmor.security.beta.kubernetes.io/*"]}
 *
 * <p><b>Allowed Values:</b> unset, empty, {@code runtime/default}, {@code localhost/*}
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.appArmorProfile.type} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> unset, {@code RuntimeDefault}, {@code Localhost}
 *
 * <p>The fields came with Kubernetes 1.30, and every version of the standards looks at both.
 */
final class AppArmorProfileCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "app-armor-profile",
            PodSecurityLevel.BASELINE,
            "AppArmor profile taken away",
            "Where AppArmor is on, nothing takes a container out of the runtime's default profile but a profile that is on the node. Baseline, from v1.0, annotations and fields.",
            "securityContext.appArmorProfile.type of the pod and of every container; annotations container.apparmor.security.beta.kubernetes.io/*",
            "RuntimeDefault, Localhost, unset; runtime/default, localhost/*, empty",
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
        return List.of(Edition.since(0, AppArmorProfileCheck::profiles));
    }

    private static final Set<String> ALLOWED = Set.of("RuntimeDefault", "Localhost");

    private static Optional<String> profiles(DeclaredPod pod) {
        Offences offences = new Offences();
        forbidden(pod.security().appArmorProfile()).ifPresent(offences::inPod);
        for (DeclaredContainer container : pod.containers()) {
            forbidden(container.security().appArmorProfile()).ifPresent(what -> offences.in(container, what));
        }
        new TreeMap<>(pod.annotations()).forEach((key, value) -> {
            if (key.startsWith(AskedAppArmor.ANNOTATION) && !isAllowed(value)) {
                offences.plain("annotation " + key + " is " + Offences.quoted(value));
            }
        });
        return offences.message(
                "Use RuntimeDefault or Localhost (as an annotation runtime/default or localhost/...), or"
                        + " leave it out");
    }

    private static Optional<String> forbidden(Optional<Profile> profile) {
        return profile.map(Profile::type)
                .filter(type -> !ALLOWED.contains(type))
                .map(type -> "securityContext.appArmorProfile.type is " + Offences.quoted(type));
    }

    private static boolean isAllowed(String annotated) {
        return annotated.isEmpty() || annotated.equals("runtime/default") || annotated.startsWith("localhost/");
    }
}
