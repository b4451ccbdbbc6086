package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PolicyViolation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is in force at a level in a version, and what of it a pod violates.
 *
 * <p>Restricted is baseline with restricted's own checks, less those of baseline's that one of them replaces: who must drop all
 * capabilities need not be asked which ones of the usual he adds.
 */
public final class PodSecurityStandards {

    private final List<PolicyCheck> checks;
    private final PodSecurityVersion newest;
    private final Map<Standard, List<Active>> known = new ConcurrentHashMap<>();

    /** A version newer than the newest edition is judged by that one, as by an API server that does not know it yet. */
    public PodSecurityStandards(List<PolicyCheck> checks) {
        this.checks = List.copyOf(checks);
        requireSaneHistory(this.checks);
        this.newest = this.checks.stream()
                .flatMap(check -> check.editions().stream())
                .map(Edition::since)
                .max(PodSecurityVersion::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("no checks"));
    }

    /** The newest version that differs from the one before it. */
    public PodSecurityVersion newest() {
        return newest;
    }

    /** The version by which a pod is really judged: never one newer than the newest. */
    public PodSecurityVersion known(PodSecurityVersion version) {
        return version.compareTo(newest) > 0 ? newest : version;
    }

    /** The checks in force, in the order of the list. */
    public List<PolicyCheck> inForce(PodSecurityLevel level, PodSecurityVersion version) {
        return active(level, version).stream().map(Active::check).toList();
    }

    /** One violation per check; empty where admission would let the pod in. */
    public List<PolicyViolation> judge(DeclaredPod pod, PodSecurityLevel level, PodSecurityVersion version) {
        List<PolicyViolation> violations = new ArrayList<>();
        for (Active active : active(level, version)) {
            active.edition()
                    .rule()
                    .judge(pod)
                    .ifPresent(message ->
                            violations.add(new PolicyViolation(active.check().id(), message)));
        }
        return violations;
    }

    private record Standard(PodSecurityLevel level, PodSecurityVersion version) {}

    private record Active(PolicyCheck check, Edition edition) {}

    /** Asked for each container. */
    private List<Active> active(PodSecurityLevel level, PodSecurityVersion version) {
        return known.computeIfAbsent(new Standard(level, version), this::inForce);
    }

    private List<Active> inForce(Standard standard) {
        List<Active> active = new ArrayList<>();
        Set<String> replaced = new HashSet<>();
        for (PolicyCheck check : checks) {
            if (check.level().compareTo(standard.level()) <= 0) {
                edition(check, standard.version()).ifPresent(edition -> {
                    active.add(new Active(check, edition));
                    replaced.addAll(edition.replaces());
                });
            }
        }
        active.removeIf(one -> replaced.contains(one.check().id()));
        return List.copyOf(active);
    }

    private static Optional<Edition> edition(PolicyCheck check, PodSecurityVersion version) {
        return check.editions().stream()
                .filter(edition -> edition.since().compareTo(version) <= 0)
                .reduce((older, newer) -> newer);
    }

    private static void requireSaneHistory(List<PolicyCheck> checks) {
        Set<String> baseline = new HashSet<>();
        Set<String> ids = new HashSet<>();
        for (PolicyCheck check : checks) {
            require(ids.add(check.id()), check, "is in the list twice");
            require(check.level() != PodSecurityLevel.PRIVILEGED, check, "is of the level that asks nothing");
            require(!check.editions().isEmpty(), check, "has no edition");
            if (check.level() == PodSecurityLevel.BASELINE) {
                baseline.add(check.id());
            }
        }
        for (PolicyCheck check : checks) {
            Optional<PodSecurityVersion> before = Optional.empty();
            for (Edition edition : check.editions()) {
                require(
                        before.isEmpty() || before.get().compareTo(edition.since()) < 0,
                        check,
                        "has editions out of order");
                require(!edition.since().equals(PodSecurityVersion.LATEST), check, "has an edition without a date");
                require(
                        edition.replaces().isEmpty() || check.level() == PodSecurityLevel.RESTRICTED,
                        check,
                        "replaces a check although it is not of restricted");
                require(baseline.containsAll(edition.replaces()), check, "replaces what is no check of baseline");
                before = Optional.of(edition.since());
            }
        }
    }

    private static void require(boolean holds, PolicyCheck check, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("check " + check.id() + " " + otherwise);
        }
    }
}
