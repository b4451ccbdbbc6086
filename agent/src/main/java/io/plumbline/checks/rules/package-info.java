/**
 * The user's own rules in the Common Expression Language, over what the spec promises and what the kernel shows: compiled once, bounded in
 * what they may cost, and undetermined where they read what could not be read.
 */
@NullMarked
package io.plumbline.checks.rules;

import org.jspecify.annotations.NullMarked;
