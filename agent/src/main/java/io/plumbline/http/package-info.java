/**
 * The agent's face: the API, the page, the probes. Answers from the last state that was published; looks at nothing itself and changes
 * nothing on the node.
 */
@NullMarked
package io.plumbline.http;

import org.jspecify.annotations.NullMarked;
