/**
 * Kind {@code drift}: the kernel allows a container more than its spec, the runtime's defaults and the node lead to. One class per
 * check (namespaces share one), and their explicit list in {@link io.plumbline.checks.drift.DriftChecks}.
 */
@NullMarked
package io.plumbline.checks.drift;

import org.jspecify.annotations.NullMarked;
