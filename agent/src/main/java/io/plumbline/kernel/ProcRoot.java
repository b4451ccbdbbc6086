package io.plumbline.kernel;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where to look: everything that is read of a node lies below these two.
 *
 * @param proc its {@code /proc}: a mounted procfs, or a captured tree of the same form
 * @param hostRoot its {@code /}, for what lies outside of {@code /proc} (sysfs, securityfs, layers of containers); empty: found out
 *     for a live procfs, and nothing for a captured tree
 */
public record ProcRoot(Path proc, Optional<Path> hostRoot) {

    /** The machine that we run on. */
    public static ProcRoot ofThisMachine() {
        return at(Path.of("/proc"));
    }

    /** Another mount of procfs, or a captured tree. */
    public static ProcRoot at(Path proc) {
        return new ProcRoot(proc, Optional.empty());
    }

    /** The same with a root directory for what lies outside of {@code /proc}. */
    public ProcRoot withHostRoot(Path root) {
        return new ProcRoot(proc, Optional.of(root));
    }
}
