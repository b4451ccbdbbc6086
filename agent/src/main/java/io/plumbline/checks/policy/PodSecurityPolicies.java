package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PolicyBinding;
import io.plumbline.model.PolicyViolation;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Several PodSecurityPolicies, as admission had them: a pod is fine if one that applies to it admits it, else it gets the violations of
 * the one that is nearest to admitting it.
 */
public final class PodSecurityPolicies {

    private final List<PodSecurityPolicy> policies;
    private final List<PolicyBinding> bindings;
    private final Set<String> bound = new HashSet<>();

    public PodSecurityPolicies(List<PodSecurityPolicy> policies, List<PolicyBinding> bindings) {
        this.policies = policies.stream()
                .sorted(Comparator.comparing(PodSecurityPolicy::name))
                .toList();
        this.bindings = List.copyOf(bindings);
        this.bindings.forEach(binding -> bound.addAll(binding.policies()));
    }

    public boolean isEmpty() {
        return policies.isEmpty();
    }

    /**
     * One policy's word on a pod.
     *
     * @param defaulted the pod as the policy fills it in: what follows from the policy for the kernel
     * @param violations none where it admits the pod
     */
    public record Judged(PodSecurityPolicy policy, DeclaredPod defaulted, List<PolicyViolation> violations) {
        public Judged {
            violations = List.copyOf(violations);
        }
    }

    /**
     * The policy that decides on a pod: the first by name that admits it unchanged, else the first that admits it with its defaults, else
     * the one with the fewest violations. Empty where none applies: then admission lets nobody in, and nobody is judged here.
     *
     * @param namespaceLabels of the pod's namespace; empty where nobody tells them
     */
    public Optional<Judged> judge(DeclaredPod pod, Map<String, String> namespaceLabels) {
        List<Judged> all = policies.stream()
                .filter(policy -> applies(policy, pod, namespaceLabels))
                .map(policy -> judge(policy, pod))
                .toList();
        return all.stream()
                .filter(judged ->
                        judged.violations().isEmpty() && judged.defaulted().equals(pod))
                .findFirst()
                .or(() -> all.stream()
                        .min(Comparator.comparingInt(
                                judged -> judged.violations().size())));
    }

    private static Judged judge(PodSecurityPolicy policy, DeclaredPod pod) {
        DeclaredPod defaulted = new PspDefaults(policy).of(pod);
        return new Judged(policy, defaulted, new PspRules(policy, defaulted).violations());
    }

    private boolean applies(PodSecurityPolicy policy, DeclaredPod pod, Map<String, String> labels) {
        return !bound.contains(policy.name())
                || bindings.stream()
                        .anyMatch(
                                binding -> binding.policies().contains(policy.name()) && binding.selects(pod, labels));
    }
}
