/**
 * What we say of a node: records and sealed results, and nothing that does anything.
 *
 * <p>Kernel words are those of proc(5), capabilities(7), namespaces(7), credentials(7) and cgroups(7); pod words are those
 * of the Kubernetes API; between them stand the words of the OCI runtime specification.
 */
@NullMarked
package io.plumbline.model;

import org.jspecify.annotations.NullMarked;
