package io.plumbline.model;

import java.util.List;
import java.util.OptionalLong;

/**
 * How a user namespace maps ids: {@code /proc/<pid>/uid_map} or {@code gid_map}, see user_namespaces(7).
 *
 * @param ranges empty while nothing has been mapped
 */
public record IdMap(List<Range> ranges) {

    /** Of a namespace in which every id is what it is outside: there are 2^32 - 1. */
    public static final IdMap IDENTITY = new IdMap(List.of(new Range(0, 0, 0xffffffffL)));

    /** ids {@code inside..inside+count} of the namespace are {@code outside..outside+count} of the reader's. */
    public record Range(long inside, long outside, long count) {}

    public IdMap {
        ranges = List.copyOf(ranges);
    }

    /** The id inside of the namespace that the reader sees as this one. */
    public OptionalLong inside(long outside) {
        for (Range range : ranges) {
            if (outside >= range.outside() && outside - range.outside() < range.count()) {
                return OptionalLong.of(range.inside() + (outside - range.outside()));
            }
        }
        return OptionalLong.empty();
    }

    /** The id that the reader sees for this one inside of the namespace. */
    public OptionalLong outside(long inside) {
        for (Range range : ranges) {
            if (inside >= range.inside() && inside - range.inside() < range.count()) {
                return OptionalLong.of(range.outside() + (inside - range.inside()));
            }
        }
        return OptionalLong.empty();
    }
}
