/**
 * Reads what the kernel says of a node: one class for each file of proc(5) and each neighbour in sysfs and securityfs, and
 * {@link io.plumbline.kernel.NodeReader} that makes a snapshot of them.
 *
 * <p>Reading and parsing are apart: a parser takes bytes and the canonical name of the file that held them. Whatever the bytes
 * are, it answers with a {@link io.plumbline.model.Reading} and never with an exception: much of them is chosen by workloads.
 */
@NullMarked
package io.plumbline.kernel;

import org.jspecify.annotations.NullMarked;
