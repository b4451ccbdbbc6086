package io.plumbline.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Absolute paths, and which of them another lies at or below. A workload's mounts may be many thousands, each thousands of directories
 * deep: an answer takes a search among the sorted paths, neither a look at each of them nor at each directory on the way.
 */
public final class PathIndex {

    /** None of the paths. */
    static final int NONE = -1;

    /** What lies below a directory follows it at once. */
    static final Comparator<String> ORDER = (one, other) -> compare(one, other, common(one, other, 0));

    private final List<String> paths;

    /** For each path, the nearest of the others that it lies below. */
    private final int[] above;

    /** @param paths in any order, as often as one likes */
    public PathIndex(Collection<String> paths) {
        this(paths.stream().sorted(ORDER).distinct().toList());
    }

    private PathIndex(List<String> sorted) {
        paths = sorted;
        above = new int[sorted.size()];
        for (int at = 0; at < above.length; at++) {
            String path = sorted.get(at);
            int before = at - 1;
            above[at] = before < 0 ? NONE : around(before, path, common(sorted.get(before), path, 0));
        }
    }

    /** @param paths in {@link #ORDER}, each once */
    static PathIndex ofSorted(List<String> paths) {
        return new PathIndex(List.copyOf(paths));
    }

    /** Does this lie at or below any of them? */
    public boolean isAtOrBelowAny(String path) {
        return nearest(path) != NONE;
    }

    /** Those that it lies at or below, the nearest first. */
    public List<String> around(String path) {
        List<String> around = new ArrayList<>();
        for (int at = nearest(path); at != NONE; at = above[at]) {
            around.add(paths.get(at));
        }
        return around;
    }

    /** The place, in order, of the nearest that it lies at or below; {@link #NONE} where there is none. */
    int nearest(String path) {
        int from = 0;
        int to = paths.size();
        // What the path has in common with those next to what is left of the search, all in between have in common with
        // it too.
        int commonBefore = 0;
        int commonBehind = 0;
        while (from < to) {
            int middle = (from + to) >>> 1;
            String other = paths.get(middle);
            int common = common(other, path, Math.min(commonBefore, commonBehind));
            if (compare(other, path, common) <= 0) {
                from = middle + 1;
                commonBefore = common;
            } else {
                to = middle;
                commonBehind = common;
            }
        }
        return from == 0 ? NONE : around(from - 1, path, commonBefore);
    }

    /** The place of the nearest that the path at this place lies below; {@link #NONE} where there is none. */
    int above(int place) {
        return above[place];
    }

    /**
     * The nearest of the path at this place, and of those that it lies below, which another path lies at or below too.
     *
     * @param common how many characters these two begin with
     */
    private int around(int place, String path, int common) {
        int at = place;
        while (at != NONE && !endsWithin(paths.get(at), path, common)) {
            at = above[at];
        }
        return at;
    }

    private static boolean endsWithin(String directory, String path, int common) {
        int length = directory.length();
        return length <= common && (length == path.length() || directory.equals("/") || path.charAt(length) == '/');
    }

    /** @param from so many are known to be the same */
    private static int common(String one, String other, int from) {
        int end = Math.min(one.length(), other.length());
        int at = from;
        while (at < end && one.charAt(at) == other.charAt(at)) {
            at++;
        }
        return at;
    }

    private static int compare(String one, String other, int common) {
        if (common == one.length() || common == other.length()) {
            return Integer.compare(one.length(), other.length());
        }
        return Integer.compare(rank(one.charAt(common)), rank(other.charAt(common)));
    }

    /** A slash is before all others, so that no name comes between a directory and what it holds: {@code /a}, {@code /a/b}, {@code /a-b}. */
    private static int rank(char character) {
        return character == '/' ? -1 : character;
    }
}
