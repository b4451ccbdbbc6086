/**
 * The benchmark behind {@code ./plumbline bench}: what a scan costs, beside other readers of the same processes in the same minutes.
 *
 * <p>Only ratios from one run mean anything: the machine under it is faster or slower from minute to minute. So each reader takes its
 * turn in each round, between two turns of the yardstick (floor_scan, a tight scanner in C), and is told as a multiple of these
 * two. System calls are counted in runs of their own.
 */
@NullMarked
package io.plumbline.bench;

import org.jspecify.annotations.NullMarked;
