package io.plumbline.attribution;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ProcessSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A process where it was found the last time.
 *
 * @param lasting time alone makes no difference any more
 * @param inside where it is inside of a container
 * @param container that one
 * @param outside where it is in no container, and what is said of it
 */
record Placed(
        ProcessSnapshot process,
        Cgroups.Cgroup cgroup,
        boolean lasting,
        Placement.@Nullable Inside inside,
        @Nullable Gathered container,
        @Nullable AttributedProcess outside) {

    int pid() {
        return process.pid();
    }
}
