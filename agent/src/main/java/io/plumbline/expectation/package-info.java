/**
 * What the kernel should show of a container: its declaration, the defaults of its runtime and the facts of its node put together.
 * Pure: values in, values out.
 */
@NullMarked
package io.plumbline.expectation;

import org.jspecify.annotations.NullMarked;
