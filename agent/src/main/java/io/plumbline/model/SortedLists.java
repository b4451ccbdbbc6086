package io.plumbline.model;

import java.util.List;
import java.util.function.ToIntFunction;

/** Lists that are sorted by a number, such as processes by pid. */
public final class SortedLists {

    private SortedLists() {}

    /**
     * Where a number is, or would be.
     *
     * @param sorted ascending by the number
     * @return the index of the first element that is not below {@code least}; the size of the list if all are
     */
    public static <T> int firstNotBelow(List<T> sorted, ToIntFunction<? super T> number, int least) {
        int from = 0;
        int to = sorted.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (number.applyAsInt(sorted.get(middle)) < least) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
