/**
 * Declarations without effect: what the spec asks for and this runtime, this version or this node does not give. One rule for each
 * reason, one check for all of them.
 */
@NullMarked
package io.plumbline.checks.inert;

import org.jspecify.annotations.NullMarked;
