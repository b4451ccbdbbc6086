package io.plumbline.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mounts that a process sees, in the kernel's order. Of several at one point the last one counts.
 *
 * <p>A workload with CAP_SYS_ADMIN can make any line it likes: never evidence of who a process is.
 */
public final class MountTable {

    private final List<Mount> mounts;
    private final Map<String, Mount> topmost;

    public MountTable(List<Mount> mounts) {
        this.mounts = List.copyOf(mounts);
        this.topmost = new HashMap<>(mounts.size() * 2);
        for (Mount mount : mounts) {
            topmost.put(mount.mountPoint(), mount);
        }
    }

    public List<Mount> mounts() {
        return mounts;
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
