/**
 * From verdicts to findings: names, ids, what of a process may be shown; and findings over time. Pure; time comes in as a value.
 */
@NullMarked
package io.plumbline.findings;

import org.jspecify.annotations.NullMarked;
