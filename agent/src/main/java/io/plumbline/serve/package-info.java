/**
 * The loop of the agent that stays: ask, look, compare with before, remember, tell. One thread looks, compares and
 * tells, so scans never overlap; others only listen to the kernel, and wait for the kubelet and for the disk.
 */
@NullMarked
package io.plumbline.serve;

import org.jspecify.annotations.NullMarked;
