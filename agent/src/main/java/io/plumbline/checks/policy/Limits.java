package io.plumbline.checks.policy;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PodSecurityPolicy.IdRule;
import io.plumbline.model.PodSecurityPolicy.Rule;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a policy allows of that which the kernel shows. A check that is not in {@code looksAt} is judged by the declaration alone.
 *
 * @param looksAt ids of the checks that the kernel can answer for this policy
 * @param capabilities allowed at {@code capabilities-baseline}
 * @param mustNotHave at {@code capabilities-restricted}
 * @param hostNamespaces those of the host that may be shared
 */
record Limits(
        Set<String> looksAt,
        CapabilitySet capabilities,
        CapabilitySet mustNotHave,
        Set<NamespaceType> hostNamespaces,
        IdRule user,
        IdRule group,
        IdRule supplementalGroups,
        boolean appArmorConfined) {

    /** What runtimes give unasked: containerd's and Docker's default set, which is baseline's and NET_RAW. */
    private static final CapabilitySet USUAL = new CapabilitySet(0xa80425fbL);

    private static final CapabilitySet ALL = new CapabilitySet(-1L);
    private static final CapabilitySet RESTRICTED = CapabilitySet.named(List.of("NET_BIND_SERVICE"));

    Limits {
        looksAt = Set.copyOf(looksAt);
        hostNamespaces = Set.copyOf(hostNamespaces);
    }

    /** Of the Pod Security Standards, at every level. */
    static final Limits STANDARD = new Limits(
            Set.of(
                    "host-namespaces",
                    "capabilities-baseline",
                    "capabilities-restricted",
                    "run-as-non-root",
                    "allow-privilege-escalation",
                    "seccomp-profile-restricted",
                    BeyondStandards.READ_ONLY_ROOT),
            USUAL,
            ALL.minus(RESTRICTED),
            Set.of(),
            new IdRule(Rule.MUST_RUN_AS_NON_ROOT, List.of()),
            IdRule.ANY,
            IdRule.ANY,
            false);

    /** Of a PodSecurityPolicy. */
    static Limits of(PodSecurityPolicy policy) {
        Set<String> looksAt = new HashSet<>(Set.of("host-namespaces"));
        boolean any = policy.allowedCapabilities().contains("*");
        if (!any && !policy.privileged()) {
            looksAt.add("capabilities-baseline");
        }
        CapabilitySet dropped =
                policy.requiredDropCapabilities().stream().anyMatch(name -> name.equalsIgnoreCase("ALL"))
                        ? ALL.minus(CapabilitySet.named(policy.allowedCapabilities()))
                        : CapabilitySet.named(policy.requiredDropCapabilities());
        if (!any && !dropped.isEmpty()) {
            looksAt.add("capabilities-restricted");
        }
        switch (policy.runAsUser().rule()) {
            case MUST_RUN_AS -> looksAt.add("run-as-user");
            case MUST_RUN_AS_NON_ROOT -> looksAt.add("run-as-non-root");
            default -> {}
        }
        if (policy.runAsGroup().rule() == Rule.MUST_RUN_AS) {
            looksAt.add("run-as-group");
        }
        if (policy.supplementalGroups().rule() != Rule.RUN_AS_ANY) {
            looksAt.add("supplemental-groups");
        }
        if (!policy.allowPrivilegeEscalation()) {
            looksAt.add("allow-privilege-escalation");
        }
        if (policy.readOnlyRootFilesystem()) {
            looksAt.add(BeyondStandards.READ_ONLY_ROOT);
        }
        Optional<String> profiles = Optional.ofNullable(policy.annotations().get(PspProfiles.APPARMOR_ALLOWED));
        boolean confined = profiles.filter(names -> !names.contains("*") && !names.contains("unconfined"))
                .isPresent();
        if (confined) {
            looksAt.add("app-armor-profile");
        }
        Set<NamespaceType> shared = EnumSet.noneOf(NamespaceType.class);
        if (policy.hostNetwork()) {
            shared.add(NamespaceType.NET);
        }
        if (policy.hostPid()) {
            shared.add(NamespaceType.PID);
        }
        if (policy.hostIpc()) {
            shared.add(NamespaceType.IPC);
        }
        return new Limits(
                looksAt,
                USUAL.union(CapabilitySet.named(policy.allowedCapabilities()))
                        .union(CapabilitySet.named(policy.defaultAddCapabilities())),
                dropped,
                shared,
                policy.runAsUser(),
                policy.runAsGroup(),
                policy.supplementalGroups(),
                confined);
    }
}
