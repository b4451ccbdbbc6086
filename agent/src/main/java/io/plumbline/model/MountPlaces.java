package io.plumbline.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Mounts by their mount points, and by what they are mounted on. Of two at one point of one mount, which the kernel never shows, the last
 * one counts.
 */
final class MountPlaces {

    private final List<Placed> placed;
    private final PathIndex points;

    /** Where the mounts of each point begin, and where the last ones end. */
    private final int[] begins;

    /** @param on the id of the mount that it is mounted on */
    record Placed(Mount mount, int on) {}

    MountPlaces(List<Placed> mounts) {
        placed = mounts.stream()
                .sorted(Comparator.comparing(MountPlaces::point, PathIndex.ORDER)
                        .thenComparingInt(Placed::on))
                .toList();
        List<String> paths = new ArrayList<>();
        IntStream.Builder changes = IntStream.builder();
        for (int at = 0; at < placed.size(); at++) {
            String point = point(placed.get(at));
            if (at == 0 || !point.equals(point(placed.get(at - 1)))) {
                changes.add(at);
                paths.add(point);
            }
        }
        begins = changes.add(placed.size()).build().toArray();
        points = PathIndex.ofSorted(paths);
    }

    private static String point(Placed placed) {
        return placed.mount().mountPoint();
    }

    /** The mount points that a path leads over, from the outermost on. */
    int[] way(String path) {
        int length = 0;
        int nearest = points.nearest(path);
        for (int at = nearest; at != PathIndex.NONE; at = points.above(at)) {
            length++;
        }
        int[] way = new int[length];
        for (int at = nearest; at != PathIndex.NONE; at = points.above(at)) {
            way[--length] = at;
        }
        return way;
    }

    boolean isRoot(int point) {
        return point(placed.get(begins[point])).equals("/");
    }

    /** The mount at this point of the mount with this id. */
    @Nullable
    Mount at(int point, int on) {
        int from = begins[point];
        int to = begins[point + 1];
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (placed.get(middle).on() <= on) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Placed last = from == begins[point] ? null : placed.get(from - 1);
        return last != null && last.on() == on ? last.mount() : null;
    }
}
