/**
 * The node itself: how its kubelet and API server were really started, and what of the node containers' protection rests on.
 */
@NullMarked
package io.plumbline.checks.node;

import org.jspecify.annotations.NullMarked;
