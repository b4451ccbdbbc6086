/** What Prometheus sees: a function of the last state, within a bound of series. */
@NullMarked
package io.plumbline.metrics;

import org.jspecify.annotations.NullMarked;
