/**
 * From verdicts to findings: names, ids, and what of a process may be shown. Pure; time comes in as a value.
 */
@NullMarked
package io.plumbline.findings;

import org.jspecify.annotations.NullMarked;
