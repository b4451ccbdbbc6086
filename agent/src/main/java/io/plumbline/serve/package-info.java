/**
 * The loop of the agent that stays: ask, look, compare with before, remember, tell. One thread does it all, so scans never overlap;
 * others only listen to the kernel, and wait for the kubelet.
 */
@NullMarked
package io.plumbline.serve;

import org.jspecify.annotations.NullMarked;
