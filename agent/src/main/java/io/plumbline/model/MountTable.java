package io.plumbline.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mounts that a process sees, in the kernel's order. Of several at one point the last one counts.
 *
 * <p>A process that has called chroot(2) sees only those below its root. Their mount points are told from the root of the namespace
 * nevertheless; what lies outside is not known then, and {@link #root} says so.
 *
 * <p>A workload with CAP_SYS_ADMIN can make any line it likes: never evidence of who a process is.
 */
public final class MountTable {

    private final List<Mount> mounts;
    private final String root;
    private final Map<String, Mount> topmost;

    public MountTable(List<Mount> mounts) {
        this(mounts, "/");
    }

    private MountTable(List<Mount> mounts, String root) {
        this.mounts = List.copyOf(mounts);
        this.root = root;
        this.topmost = new HashMap<>(mounts.size() * 2);
        for (Mount mount : mounts) {
            topmost.put(mount.mountPoint(), mount);
        }
    }

    public List<Mount> mounts() {
        return mounts;
    }

    /** The directory that all of these mounts are at or below; {@code /} for the table of a whole namespace. */
    public String root() {
        return root;
    }

    /** The same table with the mount points that it has to who is not in a chroot to that directory. */
    public MountTable seenFrom(String directory) {
        return new MountTable(
                mounts.stream().map(mount -> mount.below(directory)).toList(), directory);
    }

    /** The topmost mount at exactly this point. */
    public Optional<Mount> at(String mountPoint) {
        return Optional.ofNullable(topmost.get(mountPoint));
    }

    /** The mount that a path lies on: the longest mount point that is the path or a parent directory of it. */
    public Optional<Mount> covering(String path) {
        String at = path;
        while (true) {
            Mount mount = topmost.get(at.isEmpty() ? "/" : at);
            if (mount != null || at.isEmpty() || at.equals("/")) {
                return Optional.ofNullable(mount);
            }
            int slash = at.lastIndexOf('/');
            at = slash <= 0 ? "" : at.substring(0, slash);
        }
    }
}
