/**
 * Kind {@code policy}: the Pod Security Standards, every check in every edition from v1.0 on, as Pod Security admission applies them to
 * a pod's declaration. One class per check with its promise above it, their explicit list in {@link
 * io.plumbline.checks.policy.PolicyChecks}, and {@link io.plumbline.checks.policy.PodSecurityStandards}, which knows what is in force at a
 * level in a version.
 *
 * <p>Source of the facts: kubernetes/pod-security-admission, {@code policy/check_*.go} and {@code policy/registry.go}.
 */
@NullMarked
package io.plumbline.checks.policy;

import org.jspecify.annotations.NullMarked;
