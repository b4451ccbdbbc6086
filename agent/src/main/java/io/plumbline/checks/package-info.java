/**
 * What a check is, and the explicit list of all of them. Pure: values in, values out.
 */
@NullMarked
package io.plumbline.checks;

import org.jspecify.annotations.NullMarked;
