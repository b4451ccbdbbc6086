package io.plumbline.model;

import java.time.Instant;
import java.util.List;

/**
 * What the kernel logged of an AppArmor profile since it was loaded as it is now.
 *
 * @param source the log
 * @param since when it was loaded, as the log says
 * @param allowed how often something passed that enforce mode would deny
 * @param denied how often something was denied
 * @param isWhole nothing was lost meanwhile, as far as the log says
 * @param most what happened most often, the first few
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
