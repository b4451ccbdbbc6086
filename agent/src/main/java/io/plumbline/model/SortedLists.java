package io.plumbline.model;

import java.util.ArrayList;
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

    /**
     * All but those with some numbers, and others in their places. What is between those is copied without a look at it, so that a few
     * of many cost little.
     *
     * @param sorted ascending by the number, each once
     * @param numbers ascending, each once
     * @param others as sorted; of {@code numbers} alone
     */
    public static <T> List<T> replace(
            List<T> sorted, ToIntFunction<? super T> number, Iterable<Integer> numbers, List<? extends T> others) {
        List<T> all = new ArrayList<>(sorted.size() + others.size());
        int from = 0;
        int other = 0;
        for (int one : numbers) {
            int at = from + firstNotBelow(sorted.subList(from, sorted.size()), number, one);
            all.addAll(sorted.subList(from, at));
            from = at < sorted.size() && number.applyAsInt(sorted.get(at)) == one ? at + 1 : at;
            if (other < others.size() && number.applyAsInt(others.get(other)) == one) {
                all.add(others.get(other++));
            }
        }
        all.addAll(sorted.subList(from, sorted.size()));
        return all;
    }
}
