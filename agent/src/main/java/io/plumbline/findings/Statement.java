package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Verdict;
import java.util.Optional;

/**
 * A verdict with whom it is about.
 *
 * @param workload the pod's owner; empty text where there is none
 * @param policy the policy that asks for it, for kind {@code policy}
 */
public record Statement(
        FindingKind kind, ContainerIdentity container, String workload, Verdict verdict, Optional<String> policy) {}
