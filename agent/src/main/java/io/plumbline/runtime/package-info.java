/**
 * What container runtimes were told: the OCI bundles that containerd, CRI-O, Docker, podman, runc and crun keep on the node.
 *
 * <p>Read from the host's files alone, without a runtime's socket. The bundle says what was asked for, never what the kernel
 * enforces now. Bundles of the system's runtimes belong to root; those below a user's home or runtime directory are that user's
 * own word, and never stand in for one of root's.
 *
 * <p>May name the model and Jackson's streaming parser.
 */
@NullMarked
package io.plumbline.runtime;

import org.jspecify.annotations.NullMarked;
