package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * What {@code /proc/<pid>/status} (or {@code task/<tid>/status}) says of one task's rights.
 *
 * @param groups supplementary groups, in the kernel's order
 * @param noNewPrivileges {@code NoNewPrivs:}; empty before Linux 4.10
 * @param seccompMode {@code Seccomp:} 0 off, 1 strict, 2 filter; empty on a kernel without seccomp
 * @param seccompFilters {@code Seccomp_filters:}; empty before Linux 5.9
 */
public record Credentials(
        Ids uids,
        Ids gids,
        List<Long> groups,
        CapabilitySet inheritable,
        CapabilitySet permitted,
        CapabilitySet effective,
        CapabilitySet bounding,
        CapabilitySet ambient,
        Optional<Boolean> noNewPrivileges,
        Optional<Integer> seccompMode,
        Optional<Integer> seccompFilters) {

    public Credentials {
        groups = List.copyOf(groups);
    }
}
