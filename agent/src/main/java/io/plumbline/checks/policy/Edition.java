package io.plumbline.checks.policy;

import java.util.Set;

/**
 * What a check asks for from one version on, until its next edition.
 *
 * @param replaces the ids of baseline's checks that need not be asked where this one is
 */
public record Edition(PodSecurityVersion since, Rule rule, Set<String> replaces) {

    public Edition {
        replaces = Set.copyOf(replaces);
    }

    static Edition since(int minor, Rule rule) {
        return new Edition(new PodSecurityVersion(minor), rule, Set.of());
    }

    Edition replacing(String check) {
        return new Edition(since, rule, Set.of(check));
    }
}
