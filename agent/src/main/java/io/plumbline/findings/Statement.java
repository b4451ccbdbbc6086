package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Verdict;

/**
 * A verdict with whom it is about.
 *
 * @param workload the pod's owner; empty text where there is none
 */
public record Statement(FindingKind kind, ContainerIdentity container, String workload, Verdict verdict) {}
