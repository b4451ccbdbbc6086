package io.plumbline.checks.policy;

import io.plumbline.checks.PolicyException;
import io.plumbline.checks.policy.PodSecurityPolicies.Judged;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PolicyBinding;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicySet.PodPolicy;
import io.plumbline.model.PolicyViolation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The policies of policy files, of both kinds. */
public final class OwnPolicies {

    private final PodSecurityStandards standards;
    private final List<PodPolicy> own;
    private final List<PolicyBinding> bindings;
    private final PodSecurityPolicies former;
    private final Set<String> bound = new HashSet<>();

    /** @throws PolicyException if PodPolicies name levels, versions or checks that there are not: with all of them */
    public OwnPolicies(PodSecurityStandards standards, PolicySet set) {
        this.standards = standards;
        this.own = set.standards();
        this.bindings = set.bindings();
        this.former = new PodSecurityPolicies(set.policies(), set.bindings());
        bindings.forEach(binding -> bound.addAll(binding.policies()));
        List<String> wrong =
                own.stream().flatMap(policy -> problems(policy).stream()).toList();
        if (!wrong.isEmpty()) {
            throw new PolicyException(wrong);
        }
    }

    private static List<String> problems(PodPolicy policy) {
        List<String> wrong = new ArrayList<>();
        String who = "PodPolicy " + Offences.quoted(policy.name()) + ": ";
        if (PodSecurityLevel.ofWord(policy.level()).isEmpty()) {
            wrong.add(who + "level " + Offences.quoted(policy.level())
                    + " is unknown; use privileged, baseline or restricted");
        }
        if (PodSecurityVersion.of(policy.version()).isEmpty()) {
            wrong.add(who + "version " + Offences.quoted(policy.version()) + " is unknown; use latest or v1.N");
        }
        for (String check : policy.checks()) {
            if (!BeyondStandards.NAMEABLE.contains(check)) {
                wrong.add(who + "check " + Offences.quoted(check) + " is unknown here; use "
                        + String.join(", ", BeyondStandards.NAMEABLE));
            }
        }
        return wrong;
    }

    /**
     * What a policy says of a pod.
     *
     * @param policy its name, in words
     */
    public record Word(String policy, List<PolicyViolation> violations) {
        public Word {
            violations = List.copyOf(violations);
        }
    }

    /** Every PodPolicy that applies, and the one PodSecurityPolicy that decides. */
    public List<Word> judge(DeclaredPod pod, Map<String, String> namespaceLabels) {
        List<Word> words = new ArrayList<>();
        for (PodPolicy policy : own) {
            if (applies(policy, pod, namespaceLabels)) {
                words.add(new Word("PodPolicy " + policy.name(), violations(policy, pod)));
            }
        }
        former(pod, namespaceLabels)
                .ifPresent(judged -> words.add(
                        new Word("PodSecurityPolicy " + judged.policy().name(), judged.violations())));
        return words;
    }

    /**
     * A policy that applies to a pod.
     *
     * @param checks that it asks for, whether the declaration violates them or not
     */
    record InForce(String words, Set<String> checks, List<PolicyViolation> violations, Limits limits) {
        InForce {
            checks = Set.copyOf(checks);
            violations = List.copyOf(violations);
        }
    }

    /** The same with what the kernel can be asked for each of them. */
    List<InForce> inForce(DeclaredPod pod, Map<String, String> namespaceLabels) {
        List<InForce> all = new ArrayList<>();
        for (PodPolicy policy : own) {
            if (applies(policy, pod, namespaceLabels)) {
                Set<String> checks = new HashSet<>(policy.checks());
                standards.inForce(level(policy), version(policy)).forEach(check -> checks.add(check.id()));
                all.add(new InForce("PodPolicy " + policy.name(), checks, violations(policy, pod), Limits.STANDARD));
            }
        }
        former(pod, namespaceLabels).ifPresent(judged -> {
            Limits limits = Limits.of(judged.policy());
            all.add(new InForce(
                    "PodSecurityPolicy " + judged.policy().name(), limits.looksAt(), judged.violations(), limits));
        });
        return all;
    }

    private boolean applies(PodPolicy policy, DeclaredPod pod, Map<String, String> labels) {
        return !bound.contains(policy.name())
                || bindings.stream()
                        .anyMatch(
                                binding -> binding.policies().contains(policy.name()) && binding.selects(pod, labels));
    }

    private static PodSecurityLevel level(PodPolicy policy) {
        return PodSecurityLevel.ofWord(policy.level()).orElseThrow();
    }

    private PodSecurityVersion version(PodPolicy policy) {
        return standards.known(PodSecurityVersion.of(policy.version()).orElseThrow());
    }

    /** The PodSecurityPolicy that decides on a pod. */
    public Optional<Judged> former(DeclaredPod pod, Map<String, String> namespaceLabels) {
        return former.judge(pod, namespaceLabels);
    }

    private List<PolicyViolation> violations(PodPolicy policy, DeclaredPod pod) {
        List<PolicyViolation> violations = new ArrayList<>(standards.judge(pod, level(policy), version(policy)));
        for (String check : policy.checks()) {
            BeyondStandards.judge(check, pod, policy.allowedImages()).ifPresent(violations::add);
        }
        return violations;
    }
}
