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
        return firstNotBelow(sorted, number, 0, least);
    }

    /**
     * The same, where all before an index are known to be below.
     *
     * @param first that index
     */
    public static <T> int firstNotBelow(List<T> sorted, ToIntFunction<? super T> number, int first, int least) {
        int from = first;
        int to = sorted.size();
        // Who asks for one after the other finds most of them at once.
        if (from < to && number.applyAsInt(sorted.get(from)) >= least) {
            return from;
        }
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
     * @return {@code sorted} itself where the others are those that it has
     */
    public static <T> List<T> replace(
            List<T> sorted, ToIntFunction<? super T> number, Iterable<Integer> numbers, List<? extends T> others) {
        if (hasJustThese(sorted, number, numbers, others)) {
            return sorted;
        }
        List<T> all = new ArrayList<>(sorted.size() + others.size());
        int from = 0;
        int other = 0;
        for (int one : numbers) {
            int at = firstNotBelow(sorted, number, from, one);
            all.addAll(sorted.subList(from, at));
            from = at < sorted.size() && number.applyAsInt(sorted.get(at)) == one ? at + 1 : at;
            if (other < others.size() && number.applyAsInt(others.get(other)) == one) {
                all.add(others.get(other++));
            }
        }
        all.addAll(sorted.subList(from, sorted.size()));
        return all;
    }

    /** Of those with these numbers it has the very same objects, and no others. */
    @SuppressWarnings("ReferenceEquality") // objects are made anew only if something changed
    private static <T> boolean hasJustThese(
            List<T> sorted, ToIntFunction<? super T> number, Iterable<Integer> numbers, List<? extends T> others) {
        int at = 0;
        int other = 0;
        for (int one : numbers) {
            at = firstNotBelow(sorted, number, at, one);
            boolean was = at < sorted.size() && number.applyAsInt(sorted.get(at)) == one;
            boolean is = other < others.size() && number.applyAsInt(others.get(other)) == one;
            if (was != is || (was && sorted.get(at) != others.get(other))) {
                return false;
            }
            other += is ? 1 : 0;
        }
        return true;
    }
}
