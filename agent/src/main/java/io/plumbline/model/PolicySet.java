package io.plumbline.model;

import java.util.List;

/**
 * What policy files say.
 *
 * @param standards levels of the Pod Security Standards with more checks
 * @param rules own rules, as they are written
 */
public record PolicySet(
        List<PodSecurityPolicy> policies,
        List<PodPolicy> standards,
        List<PolicyBinding> bindings,
        List<OwnRule> rules) {

    /** No file. */
    public static final PolicySet NONE = new PolicySet(List.of(), List.of(), List.of(), List.of());

    public PolicySet {
        policies = List.copyOf(policies);
        standards = List.copyOf(standards);
        bindings = List.copyOf(bindings);
        rules = List.copyOf(rules);
    }

    /** No policy stands in it; own rules hold beside policies, not in their place. */
    public boolean isEmpty() {
        return policies.isEmpty() && standards.isEmpty();
    }

    /**
     * A level of the Pod Security Standards, and checks beyond them.
     *
     * @param level {@code privileged}, {@code baseline} or {@code restricted}
     * @param version {@code latest} or {@code v1.N}
     * @param checks ids of checks that the standards lack
     * @param allowedImages for the check {@code allowed-images}: a pattern may end in {@code *}
     */
    public record PodPolicy(
            String name, String level, String version, List<String> checks, List<String> allowedImages) {
        public PodPolicy {
            checks = List.copyOf(checks);
            allowedImages = List.copyOf(allowedImages);
        }
    }

    /**
     * A rule in the Common Expression Language.
     *
     * @param id the check's id, as findings carry it
     * @param message what is wrong where it does not hold
     * @param expression true where the container is as it should be
     * @param file where it is from, for errors
     * @param line where the expression begins, from 1 on
     */
    public record OwnRule(
            String id, Severity severity, String message, String remedy, String expression, String file, int line) {

        /** How a finding names the policy that it is of. */
        public static final String WORD = "rule ";

        /** The rule and its file. */
        public String words() {
            return WORD + id + " of " + file;
        }
    }
}
