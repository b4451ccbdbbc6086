package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Verdict;
import java.util.Optional;

/**
 * A verdict with whom it is about.
 *
 * @param workload the pod's owner; empty text where there is none
 * @param profile the AppArmor profile that it is about; empty for all other statements
 * @param policy the policy that asks for it, for kind {@code policy}
 */
public record Statement(
        FindingKind kind,
        ContainerIdentity container,
        String workload,
        Optional<String> profile,
        Verdict verdict,
        Optional<String> policy) {

    /** About a profile. */
    public static Statement ofProfile(FindingKind kind, String profile, Verdict verdict) {
        return new Statement(kind, ContainerIdentity.NODE, "", Optional.of(profile), verdict, Optional.empty());
    }
}
