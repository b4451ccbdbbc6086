/**
 * AppArmor profiles: their sources, bane's TOML, compiling, what the kernel is to hold against what it holds, loading and removing.
 *
 * <p>The kernel's side is read and written in the room {@code kernel}; where profiles come from (a directory, the command line) is said by
 * the roof.
 */
@NullMarked
package io.plumbline.apparmor;

import org.jspecify.annotations.NullMarked;
