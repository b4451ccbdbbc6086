package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * What the node has, and what each of the cgroups directly below the root uses of it.
 *
 * @param memory in bytes, {@code MemTotal} of {@code /proc/meminfo}
 * @param cpus that are online
 * @param cgroups sorted by name
 */
public record NodeLoad(long memory, int cpus, List<CgroupUse> cgroups) {

    public NodeLoad {
        cgroups = List.copyOf(cgroups);
    }

    /**
     * One cgroup with all below it.
     *
     * @param name without a slash
     * @param memory in bytes, without the page cache that the kernel would give up first, as the kubelet counts a working set
     * @param memorySource the file that it was read from
     * @param cpus how many CPUs it kept busy since the reading before; empty for the first one
     * @param cpuSource the file that it was read from
     */
    public record CgroupUse(String name, long memory, String memorySource, Optional<Double> cpus, String cpuSource) {}
}
