package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.PolicyException;
import io.plumbline.checks.policy.NamespaceLevels.Wanted;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.Cause;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.NodeView;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicyViolation;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the policies in force say of the containers that run.
 *
 * <p>In force are the levels of the namespace's labels where the API server tells them, and the policy files. Without labels and without
 * files it is {@code plumbline-default}: baseline at medium, restricted and a read-only root at low. Where the kernel shows what a check
 * asks for, the kernel decides: an image's user is seen, and a pod that is older than the policy.
 */
public final class PolicyOnNode {

    static final String DEFAULT = "plumbline-default";

    private final PodSecurityStandards standards;
    private final OwnPolicies own;
    private final boolean hasFiles;
    private final Map<String, CheckDescription> descriptions = new HashMap<>();
    private final Map<String, PodSecurityLevel> levels = new HashMap<>();

    /** @throws PolicyException if a policy names what there is not */
    public PolicyOnNode(PolicySet files) {
        this.standards = new PodSecurityStandards(PolicyChecks.all());
        this.own = new OwnPolicies(standards, files);
        this.hasFiles = !files.isEmpty();
        PolicyChecks.all().forEach(check -> {
            descriptions.put(check.id(), check.description());
            levels.put(check.id(), check.level());
        });
        BeyondStandards.descriptions().forEach(check -> descriptions.put(check.id(), check));
    }

    /** A verdict, whom it is about, and the policy in words. */
    public record Judged(ContainerIdentity container, Verdict verdict, String policy) {}

    /** The PodSecurityPolicy that decides on a pod, where it is one that lets no root run. */
    public Optional<PodSecurityPolicy> nonRootPolicy(DeclaredPod pod, ClusterFacts cluster) {
        return own.former(pod, labels(pod, cluster).orElse(Map.of()))
                .map(judged -> judged.policy())
                .filter(policy -> policy.runAsUser().rule() == PodSecurityPolicy.Rule.MUST_RUN_AS_NON_ROOT);
    }

    /**
     * Every violation of one container, and whatever could not be seen.
     *
     * @param node what holds for all: its facts, and what the cluster's API says
     */
    public List<Judged> judge(ContainerView view, NodeView node) {
        List<Judged> judged = new ArrayList<>();
        if (view.declaration() instanceof Declaration.OfSpec spec) {
            DeclaredPod slice = spec.pod().withOnly(spec.container());
            for (Ask ask : asks(slice, node).values()) {
                ask.verdict(view, node)
                        .ifPresent(verdict ->
                                judged.add(new Judged(view.identity(), verdict, String.join(", ", ask.policies))));
            }
        }
        return judged;
    }

    private static Optional<Map<String, String>> labels(DeclaredPod pod, ClusterFacts cluster) {
        return cluster.namespaces().observed().map(all -> all.getOrDefault(pod.namespace(), Map.of()));
    }

    /** To admission the latest version is its own server's, and a kubelet is of the same release, or of one shortly before. */
    private static PodSecurityVersion latest(ClusterFacts cluster) {
        return cluster.node()
                .observed()
                .flatMap(versions -> PodSecurityVersion.ofRelease(versions.kubelet()))
                .orElse(PodSecurityVersion.LATEST);
    }

    /** By check, because a container has one finding for each, whichever policies ask. */
    private Map<String, Ask> asks(DeclaredPod slice, NodeView node) {
        Map<String, Ask> asks = new LinkedHashMap<>();
        Optional<Map<String, String>> labels = labels(slice, node.cluster());
        Optional<List<Wanted>> wanted = labels.flatMap(all -> NamespaceLevels.of(all, latest(node.cluster())));
        for (Wanted one : wanted.orElse(List.of())) {
            PodSecurityVersion version = standards.known(one.version());
            level(asks, slice, one.level(), version, one.words(version));
        }
        if (wanted.isEmpty() && !hasFiles) {
            level(asks, slice, PodSecurityLevel.BASELINE, standards.newest(), DEFAULT);
            level(asks, slice, PodSecurityLevel.RESTRICTED, standards.newest(), DEFAULT);
            ask(asks, BeyondStandards.READ_ONLY_ROOT, DEFAULT, Limits.STANDARD)
                    .declares(BeyondStandards.judge(BeyondStandards.READ_ONLY_ROOT, slice, List.of())
                            .map(PolicyViolation::message));
        }
        own.inForce(slice, labels.orElse(Map.of())).forEach(policy -> own(asks, policy));
        return asks;
    }

    private void level(
            Map<String, Ask> asks,
            DeclaredPod slice,
            PodSecurityLevel level,
            PodSecurityVersion version,
            String policy) {
        Map<String, String> violated = new HashMap<>();
        standards
                .judge(slice, level, version)
                .forEach(violation -> violated.put(violation.check(), violation.message()));
        for (PolicyCheck check : standards.inForce(level, version)) {
            ask(asks, check.id(), policy, Limits.STANDARD).declares(Optional.ofNullable(violated.get(check.id())));
        }
    }

    private void own(Map<String, Ask> asks, OwnPolicies.InForce policy) {
        Map<String, String> violated = new HashMap<>();
        policy.violations().forEach(violation -> violated.put(violation.check(), violation.message()));
        Stream.concat(policy.checks().stream(), violated.keySet().stream())
                .distinct()
                .sorted()
                .forEach(check -> ask(asks, check, policy.words(), policy.limits())
                        .declares(Optional.ofNullable(violated.get(check))));
    }

    private Ask ask(Map<String, Ask> asks, String check, String policy, Limits limits) {
        Ask ask = asks.computeIfAbsent(check, id -> new Ask(description(id), severity(id), limits));
        if (!ask.policies.contains(policy)) {
            ask.policies.add(policy);
        }
        return ask;
    }

    private CheckDescription description(String check) {
        CheckDescription description = descriptions.get(check);
        if (description == null) {
            throw new IllegalStateException("no check is called " + check);
        }
        return description;
    }

    private Severity severity(String check) {
        return Severity.ofWord(description(check).severity()).orElse(Severity.MEDIUM);
    }

    /** One check that one or more policies ask for, of one container. */
    private static final class Ask {
        private final CheckDescription check;
        private final Severity severity;
        private final Limits limits;
        private final List<String> policies = new ArrayList<>();
        private Optional<String> declared = Optional.empty();

        Ask(CheckDescription check, Severity severity, Limits limits) {
            this.check = check;
            this.severity = severity;
            this.limits = limits;
        }

        /** What the declaration lacks; empty where it is fine. */
        void declares(Optional<String> violation) {
            declared = declared.or(() -> violation);
        }

        /** Empty where all is well and could be seen. */
        Optional<Verdict> verdict(ContainerView view, NodeView node) {
            Optional<Effect> effect = new Kernel(view, node, limits).of(check.id());
            String who = view.identity().words();
            if (effect.filter(Effect::isBroken).isPresent()) {
                return Optional.of(violates(
                        severity,
                        who + ": " + shown(effect.get())
                                + declared.map(what -> "; " + what).orElse(", and nothing of that is declared"),
                        effect));
            }
            if (declared.isPresent()) {
                boolean kept = effect.filter(Effect::isKept).isPresent();
                return Optional.of(violates(
                        kept ? Severity.LOW : severity,
                        who + ": " + declared.get()
                                + (kept
                                        ? " It holds all the same ("
                                                + effect.get().words() + "), not declared."
                                        : ""),
                        effect));
            }
            return effect.filter(seen -> !seen.unread().isEmpty()).map(seen -> verdict(Optional.empty(), effect));
        }

        private static String shown(Effect effect) {
            int count = effect.offenders().size();
            return (count == 1 ? "1 process has " : count + " processes have ") + effect.words();
        }

        private Verdict violates(Severity how, String message, Optional<Effect> effect) {
            return verdict(
                    Optional.of(new Violation(
                            how,
                            check.title(),
                            message,
                            Cause.POLICY,
                            check.remedy(),
                            effect.map(Effect::offenders).orElse(List.of()),
                            effect.map(Effect::evidence).orElse(List.of()))),
                    effect);
        }

        private Verdict verdict(Optional<Violation> violation, Optional<Effect> effect) {
            return new Verdict(
                    check.id(),
                    declared.orElse("as the policy asks"),
                    policies,
                    Optional.empty(),
                    effect.map(Effect::values).orElse(List.of()),
                    violation,
                    effect.map(Effect::unread).orElse(List.of()));
        }
    }
}
