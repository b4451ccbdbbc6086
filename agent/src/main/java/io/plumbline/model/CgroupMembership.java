package io.plumbline.model;

import java.util.List;

/**
 * Where a process is in each cgroup hierarchy: the lines of {@code /proc/<pid>/cgroup}, see cgroups(7).
 *
 * @param lines in the kernel's order
 */
public record CgroupMembership(List<Line> lines) {

    public CgroupMembership {
        lines = List.copyOf(lines);
    }

    /**
     * One hierarchy.
     *
     * @param hierarchy 0 for cgroup v2
     * @param controllers empty for cgroup v2; {@code name=systemd} is one
     * @param path relative to the root of the reader's cgroup namespace; may begin with {@code /..}
     */
    public record Line(int hierarchy, List<String> controllers, String path) {
        public Line {
            controllers = List.copyOf(controllers);
        }

        /** The line as the kernel prints it. */
        public String text() {
            return hierarchy + ":" + String.join(",", controllers) + ":" + path;
        }
    }
}
