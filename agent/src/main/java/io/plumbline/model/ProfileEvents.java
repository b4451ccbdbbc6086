package io.plumbline.model;

import java.time.Instant;
import java.util.List;

/**
 * What the kernel logged of an AppArmor profile since it was loaded as it is now. The kernel itself does not log each use of a capability
 * again, nor what a rule denies explicitly.
 *
 * @param source the log
 * @param since when it was loaded, as the log says; when the log begins, where it does not go back that far
 * @param allowed how often something passed that enforce mode would deny
 * @param denied how often something was denied
 * @param isWhole nothing was lost since its load, as far as the log says; else it was at least so often
 * @param most what happened most often, the first few; empty where it was only counted
 */
public record ProfileEvents(String source, Instant since, long allowed, long denied, boolean isWhole, List<Deed> most) {

    public ProfileEvents {
        most = List.copyOf(most);
    }

    /**
     * What happened under a profile. All of it is chosen by the workload, but for the operation.
     *
     * @param operation such as {@code open}
     * @param object the file, the capability, the peer; empty where none is named
     * @param requested such as {@code w}; empty where it is not said
     * @param command the process's name
     */
    public record Deed(String operation, String object, String requested, String command, long times) {}
}
