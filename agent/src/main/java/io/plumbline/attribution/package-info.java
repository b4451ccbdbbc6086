/**
 * Which process belongs to which container. Pure: values in, values out.
 *
 * <p>The kernel's {@code /proc/<pid>/cgroup} is the source. The outermost pod in it counts, because a container may make
 * cgroups below its own that look like another pod's; a mount table is never asked, because a workload can forge it. Where the
 * lines disagree, or nobody knows the container, the answer is "unattributed" with a reason.
 */
@NullMarked
package io.plumbline.attribution;

import org.jspecify.annotations.NullMarked;
