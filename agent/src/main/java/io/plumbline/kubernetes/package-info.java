/**
 * What the kubelet says: pods and their statuses, and the kubelet's own live configuration.
 *
 * <p>The answer is read as a stream into the model's records, with only the fields that lead to something in the kernel; the
 * typed objects of a Kubernetes client cost eighty times the memory. Answers come from the network or from a file that someone
 * saved: bounded in size, depth and time, and shown in messages only escaped and shortened. Whatever goes wrong is a {@link
 * io.plumbline.kubernetes.KubeletException} with one line that says what, on what, what was found and what to do.
 *
 * <p>May name the model and fabric8's HTTP client, never {@code /proc}.
 */
@NullMarked
package io.plumbline.kubernetes;

import org.jspecify.annotations.NullMarked;
