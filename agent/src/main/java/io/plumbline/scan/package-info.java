/**
 * The one path, put together: node and kubelet in, report out. Every door of the program (one scan, the loop, a captured tree in a
 * test) enters here.
 */
@NullMarked
package io.plumbline.scan;

import org.jspecify.annotations.NullMarked;
