/**
 * Real containers, judged by the program as its users start it.
 *
 * <p>A {@link io.plumbline.it.Node} is a Kubernetes node without a cluster: it starts pods with runc, crun or
 * containerd as the kubelet and containerd's CRI plugin would (cgroup paths, namespaces, mounts, OCI bundles), and
 * writes the answer that the kubelet's {@code /pods} would give. The tests then put drift into the running containers
 * and read what {@code plumbline scan} says of it.
 *
 * <p>Needs root, runc, crun, containerd, a static busybox, a C compiler and a machine without a kubelet. What the
 * machine lacks skips the tests that need it, with the reason; {@code CI=true ./verify} counts a skipped test as failed.
 */
@NullMarked
package io.plumbline.it;

import org.jspecify.annotations.NullMarked;
