package io.plumbline.model;

import java.util.Optional;
import java.util.function.Function;

/**
 * The answer to one question to the kernel (or to a file of the runtime): observed, absent, or unreadable.
 *
 * <p>Unknown is not a value. Who uses a reading has to say what each of the three means for him.
 *
 * @param <T> what is observed
 */
public sealed interface Reading<T> {

    /** The kernel answered. */
    record Observed<T>(T value) implements Reading<T> {}

    /**
     * The question has no answer here: this kernel, this node or this process has no such attribute.
     *
     * @param source what was asked, for example {@code /proc/7/attr/current}
     */
    record Absent<T>(String source) implements Reading<T> {}

    /**
     * There may be an answer, but this reader did not get it.
     *
     * @param source the file, for example {@code /proc/7/ns/mnt}
     * @param why the errno's name, for example {@code EACCES}, or what was wrong with the text
     */
    record Unreadable<T>(String source, String why) implements Reading<T> {}

    /** Shorthand for {@link Observed}. */
    static <T> Reading<T> of(T value) {
        return new Observed<>(value);
    }

    /** All three outcomes, each with its own meaning. */
    default <R> R fold(
            Function<? super T, R> observed, Function<Absent<T>, R> absent, Function<Unreadable<T>, R> unreadable) {
        if (this instanceof Observed<T> o) {
            return observed.apply(o.value());
        }
        if (this instanceof Absent<T> a) {
            return absent.apply(a);
        }
        return unreadable.apply((Unreadable<T>) this);
    }

    /** The same answer in other terms; absent and unreadable stay what they are. */
    default <R> Reading<R> map(Function<? super T, R> function) {
        return fold(
                value -> new Observed<>(function.apply(value)),
                absent -> new Absent<>(absent.source()),
                unreadable -> new Unreadable<>(unreadable.source(), unreadable.why()));
    }

    /** The value where one was observed. Only for those to whom absent and unreadable mean the same. */
    default Optional<T> observed() {
        return this instanceof Observed<T> o ? Optional.of(o.value()) : Optional.empty();
    }

    /** Why there is no value, as a reader sees it: {@code /proc/7/ns/mnt: EACCES}. Empty where there is one. */
    default Optional<String> trouble() {
        return fold(
                value -> Optional.<String>empty(),
                absent -> Optional.of(absent.source() + ": absent"),
                unreadable -> Optional.of(unreadable.source() + ": " + unreadable.why()));
    }
}
