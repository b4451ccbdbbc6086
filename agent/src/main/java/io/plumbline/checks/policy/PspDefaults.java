package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.PodSecurity;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PodSecurityPolicy.IdRule;
import io.plumbline.model.PodSecurityPolicy.Rule;
import io.plumbline.model.PodSecurityPolicy.RuntimeClasses;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What PodSecurityPolicy admission wrote into a pod before it looked at it: pkg/security/podsecuritypolicy/provider.go, MutatePod. */
final class PspDefaults {

    private final PodSecurityPolicy policy;

    PspDefaults(PodSecurityPolicy policy) {
        this.policy = policy;
    }

    DeclaredPod of(DeclaredPod pod) {
        PodSecurity security = pod.security();
        PodSecurity filled = new PodSecurity(
                security.runAsUser(),
                security.runAsGroup(),
                security.runAsNonRoot(),
                security.fsGroup().or(() -> first(policy.fsGroup())),
                security.supplementalGroups().isEmpty()
                        ? first(policy.supplementalGroups()).map(List::of).orElse(List.of())
                        : security.supplementalGroups(),
                security.supplementalGroupsPolicy(),
                security.seccompProfile(),
                security.appArmorProfile(),
                security.seLinuxOptions().or(policy::seLinux),
                security.sysctls(),
                security.windowsHostProcess());
        Map<String, String> annotations = new HashMap<>(pod.annotations());
        String seccomp = policy.annotations().getOrDefault(PspProfiles.SECCOMP_DEFAULT, "");
        if (!seccomp.isEmpty() && PspProfiles.ofPod(pod).isEmpty()) {
            annotations.put(PspProfiles.SECCOMP_OF_POD, seccomp);
        }
        String appArmor = policy.annotations().getOrDefault(PspProfiles.APPARMOR_DEFAULT, "");
        for (DeclaredContainer container : pod.containers()) {
            if (!appArmor.isEmpty() && PspProfiles.appArmor(pod, container).isEmpty()) {
                annotations.put(PspProfiles.APPARMOR_OF_CONTAINER + container.name(), appArmor);
            }
        }
        return pod.with(
                pod.runtimeClassName().or(() -> policy.runtimeClass().flatMap(RuntimeClasses::defaultName)),
                annotations,
                filled,
                pod.containers().stream()
                        .map(container -> container.withSecurity(filled(pod, container.security())))
                        .toList());
    }

    private ContainerSecurity filled(DeclaredPod pod, ContainerSecurity own) {
        PodSecurity pods = pod.security();
        boolean saysUser = own.runAsUser().or(pods::runAsUser).isPresent();
        Optional<Long> user = saysUser ? own.runAsUser() : first(policy.runAsUser());
        boolean nonRoot = !saysUser
                && own.runAsNonRoot().or(pods::runAsNonRoot).isEmpty()
                && policy.runAsUser().rule() == Rule.MUST_RUN_AS_NON_ROOT;
        Optional<Long> group =
                own.runAsGroup().or(pods::runAsGroup).isPresent() ? own.runAsGroup() : first(policy.runAsGroup());
        return new ContainerSecurity(
                own.privileged(),
                capabilities(own.capabilities()),
                own.allowPrivilegeEscalation()
                        .or(policy::defaultAllowPrivilegeEscalation)
                        .or(() -> policy.allowPrivilegeEscalation() ? Optional.empty() : Optional.of(false)),
                own.readOnlyRootFilesystem()
                        .or(() -> policy.readOnlyRootFilesystem() ? Optional.of(true) : Optional.empty()),
                own.procMount(),
                user,
                group,
                nonRoot ? Optional.of(true) : own.runAsNonRoot(),
                own.seccompProfile(),
                own.appArmorProfile(),
                own.seLinuxOptions(),
                own.windowsHostProcess());
    }

    /** What the policy adds unless the container drops it, and what it drops. */
    private Optional<Capabilities> capabilities(Optional<Capabilities> own) {
        Set<String> add = new LinkedHashSet<>(own.map(Capabilities::add).orElse(List.of()));
        Set<String> drop = new LinkedHashSet<>(own.map(Capabilities::drop).orElse(List.of()));
        policy.defaultAddCapabilities().stream()
                .filter(name -> !drop.contains(name))
                .forEach(add::add);
        drop.addAll(policy.requiredDropCapabilities());
        return own.isEmpty() && add.isEmpty() && drop.isEmpty()
                ? Optional.empty()
                : Optional.of(new Capabilities(List.copyOf(add), List.copyOf(drop)));
    }

    private static Optional<Long> first(IdRule rule) {
        return rule.rule() == Rule.MUST_RUN_AS && !rule.ranges().isEmpty()
                ? Optional.of(rule.ranges().get(0).min())
                : Optional.empty();
    }

    /** A profile in the form of the annotations: {@code runtime/default}, {@code localhost/<name>}, {@code unconfined}. */
    static String annotation(Profile profile) {
        return switch (profile.type()) {
            case "RuntimeDefault" -> "runtime/default";
            case "Unconfined" -> "unconfined";
            default -> "localhost/" + profile.localhostProfile().orElse("");
        };
    }
}
