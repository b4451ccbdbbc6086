package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PodSecurityPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** AppArmor and seccomp profiles as a PodSecurityPolicy's annotations speak of them; what a pod says in fields is put into their words. */
final class PspProfiles {

    static final String APPARMOR_ALLOWED = "apparmor.security.beta.kubernetes.io/allowedProfileNames";
    static final String APPARMOR_DEFAULT = "apparmor.security.beta.kubernetes.io/defaultProfileName";
    static final String APPARMOR_OF_CONTAINER = "container.apparmor.security.beta.kubernetes.io/";
    static final String SECCOMP_ALLOWED = "seccomp.security.alpha.kubernetes.io/allowedProfileNames";
    static final String SECCOMP_DEFAULT = "seccomp.security.alpha.kubernetes.io/defaultProfileName";
    static final String SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_OF_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";

    private static final List<String> RUNTIME_DEFAULT = List.of("runtime/default", "docker/default");
    private static final String ANY = "*";

    private PspProfiles() {}

    static Optional<String> appArmor(DeclaredPod pod, DeclaredContainer container) {
        return container
                .security()
                .appArmorProfile()
                .or(() -> pod.security().appArmorProfile())
                .map(PspDefaults::annotation)
                .or(() -> annotation(pod, APPARMOR_OF_CONTAINER + container.name()));
    }

    /** The pod's seccomp profile; empty where nothing is said. */
    static Optional<String> ofPod(DeclaredPod pod) {
        return annotation(pod, SECCOMP_OF_POD)
                .or(() -> pod.security().seccompProfile().map(PspDefaults::annotation));
    }

    static Optional<String> seccomp(DeclaredPod pod, DeclaredContainer container) {
        return annotation(pod, SECCOMP_OF_CONTAINER + container.name())
                .or(() -> container.security().seccompProfile().map(PspDefaults::annotation))
                .or(() -> ofPod(pod));
    }

    private static Optional<String> annotation(DeclaredPod pod, String key) {
        return Optional.ofNullable(pod.annotations().get(key)).filter(value -> !value.isEmpty());
    }

    /** Without the annotation every profile is allowed, and none at all. */
    static Optional<String> appArmorProblem(PodSecurityPolicy policy, Optional<String> profile) {
        String allowed = policy.annotations().get(APPARMOR_ALLOWED);
        if (allowed == null) {
            return Optional.empty();
        }
        Set<String> names = names(allowed);
        if (profile.filter(name -> names.contains(name) || names.contains(ANY)).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(profile.map(name -> "AppArmor profile " + Offences.quoted(name) + " is not allowed")
                .orElse("no AppArmor profile is set"));
    }

    /** Without the annotation none may be asked for. */
    static Optional<String> seccompProblem(PodSecurityPolicy policy, Optional<String> profile) {
        Set<String> names = names(policy.annotations().getOrDefault(SECCOMP_ALLOWED, ""));
        if (names.stream().anyMatch(RUNTIME_DEFAULT::contains)) {
            names.addAll(RUNTIME_DEFAULT);
        }
        if (names.isEmpty()) {
            return profile.map(
                    name -> "seccomp profile " + Offences.quoted(name) + " is set, and the policy allows none to be");
        }
        if (names.contains(ANY) || profile.filter(names::contains).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(profile.map(name -> "seccomp profile " + Offences.quoted(name) + " is not allowed")
                .orElse("no seccomp profile is set"));
    }

    static String allowed(PodSecurityPolicy policy, String annotation) {
        return Offences.quoted(new TreeSet<>(names(policy.annotations().getOrDefault(annotation, ""))));
    }

    private static Set<String> names(String list) {
        Set<String> names = new HashSet<>();
        for (String name : list.split(",", -1)) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }
}
