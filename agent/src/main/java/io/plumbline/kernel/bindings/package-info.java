/**
 * The one address where Java meets C and the host's libraries: JNA, jnr-posix.
 *
 * <p>Names and contents cross as bytes, errors as errno numbers. No structure of C leaves this room, and what it cannot
 * load is a value with its cause.
 */
@NullMarked
package io.plumbline.kernel.bindings;

import org.jspecify.annotations.NullMarked;
