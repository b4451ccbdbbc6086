/**
 * Checks on AppArmor profiles: what was distributed, against what the kernel holds. Pure: values in, values out.
 */
@NullMarked
package io.plumbline.checks.profile;

import org.jspecify.annotations.NullMarked;
