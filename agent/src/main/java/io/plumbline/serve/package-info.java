/**
 * The loop of the agent that stays: ask, look, compare with before, remember, tell. One thread does it all, so scans never overlap.
 */
@NullMarked
package io.plumbline.serve;

import org.jspecify.annotations.NullMarked;
