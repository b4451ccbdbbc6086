package io.plumbline.model;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mounts that a process sees, in the kernel's order.
 *
 * <p>A mount may be there and out of sight: something was mounted over it, or over a directory above it. Which one a path leads to follows
 * from who is mounted on whom, as in path_resolution(7), and not from the order, which is that in which they were made.
 *
 * <p>A process that has called chroot(2) sees only those below its root. Their mount points are told from the root of the namespace
 * nevertheless; what lies outside is not known then, and {@link #root} says so.
 *
 * <p>A workload with CAP_SYS_ADMIN can make any line it likes: never evidence of who a process is.
 */
public final class MountTable {

    private final List<Mount> mounts;
    private final String root;

    private final List<Mount> roots;
    /** By their ids, smallest first. */
    private final List<Mount> byId;

    private final MountPlaces places;

    /** Stands for a parent that is not in the table: so it is of the root, and of all that are seen from a chroot. */
    private static final int NOT_HERE = -1;

    public MountTable(List<Mount> mounts) {
        this(mounts, "/");
    }

    private MountTable(List<Mount> mounts, String root) {
        this.mounts = List.copyOf(mounts);
        this.root = root;
        this.byId = mounts.stream().sorted(Comparator.comparingInt(Mount::id)).toList();
        this.roots =
                mounts.stream().filter(mount -> mount.mountPoint().equals("/")).toList();
        this.places = new MountPlaces(mounts.stream()
                .map(mount -> new MountPlaces.Placed(mount, isOnOneHere(mount) ? mount.parent() : NOT_HERE))
                .toList());
    }

    private boolean isOnOneHere(Mount mount) {
        return mount.parent() != mount.id() && hasId(mount.parent());
    }

    public List<Mount> mounts() {
        return mounts;
    }

    /** The mount of this id. */
    public Optional<Mount> withId(long id) {
        int at = firstNotBelow(id);
        return isAt(at, id) ? Optional.of(byId.get(at)) : Optional.empty();
    }

    /** Is there one of this id? Asked for every process, so it makes nothing. */
    public boolean hasId(long id) {
        return isAt(firstNotBelow(id), id);
    }

    private boolean isAt(int at, long id) {
        return at < byId.size() && byId.get(at).id() == id;
    }

    /** Who may mount can make many thousands. */
    private int firstNotBelow(long id) {
        int from = 0;
        int to = byId.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (byId.get(middle).id() < id) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
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

    /** The mount that can be seen at exactly this point. */
    public Optional<Mount> at(String mountPoint) {
        return covering(mountPoint).filter(mount -> mount.mountPoint().equals(mountPoint));
    }

    /**
     * The root of the processes of the namespace, and what is mounted over it: who is there goes on below that and sees nothing of it, who
     * enters the namespace later has the last one as its root.
     */
    public List<Mount> roots() {
        return roots;
    }

    /** The mount that a path leads to for the processes that are in the namespace. */
    public Optional<Mount> covering(String path) {
        Mount reached = null;
        for (int point : places.way(path)) {
            // Who looks up a path begins at its root, whatever is mounted over that.
            reached = places.isRoot(point) ? places.at(point, NOT_HERE) : follow(reached, point);
        }
        return Optional.ofNullable(reached);
    }

    /** The topmost of what is mounted at this point on what a path has led to; that itself, if nothing is. */
    private @Nullable Mount follow(@Nullable Mount reached, int point) {
        Mount top = reached == null ? null : places.at(point, reached.id());
        Mount next = top == null ? places.at(point, NOT_HERE) : top;
        // A table that was captured may be anything, so the way up has an end.
        for (int steps = 0; next != null && steps <= mounts.size(); steps++) {
            top = next;
            next = places.at(point, top.id());
        }
        return top == null ? reached : top;
    }
}
