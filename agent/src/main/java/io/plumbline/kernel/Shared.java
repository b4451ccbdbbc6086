package io.plumbline.kernel;

import io.plumbline.model.CommandLine;
import io.plumbline.model.Reading;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One object in place of all that are equal to it: processes of one image, one user or one container have nearly everything in common, and
 * mount tables nearly all words. Half of the heap of an agent that shares nothing are copies.
 *
 * <p>It keeps nobody alive, and has a fixed number of places, one for each hash, where the newest takes the place of another: so a workload
 * that shows ever new values, or large ones, costs no memory. A value that lost its place is no longer shared with those that come later. One thread at a
 * time.
 */
final class Shared {

    /** For all that a node has. */
    private static final int PLACES = 1 << 13;

    private final List<@Nullable WeakReference<Object>> places;

    Shared() {
        this(PLACES);
    }

    /** @param places a power of two; each is a reference */
    Shared(int places) {
        this.places = new ArrayList<>(Collections.<@Nullable WeakReference<Object>>nCopies(places, null));
    }

    /** The value that is equal to this one, of whoever had it first. */
    <T> T one(T value) {
        int hash = value.hashCode();
        int place = (hash ^ hash >>> 16) & places.size() - 1;
        WeakReference<Object> reference = places.get(place);
        Object known = reference == null ? null : reference.get();
        if (known == null || known.getClass() != value.getClass() || !known.equals(value)) {
            places.set(place, new WeakReference<>(value));
            return value;
        }
        @SuppressWarnings("unchecked") // of the same class, and equal: what is in it is equal too
        T same = (T) known;
        return same;
    }

    /** The same of arguments: of each, and of all together. */
    CommandLine commandLine(CommandLine line) {
        return one(new CommandLine(line.arguments().stream().map(this::one).toList(), line.cut()));
    }

    /** The same of what was observed; trouble names the process that has it. */
    <T> Reading<T> observed(Reading<T> reading) {
        return reading instanceof Reading.Observed<T> ? one(reading) : reading;
    }

    /** The same of what may be there. */
    <T> Optional<T> optional(Optional<T> value) {
        return value.isPresent() ? one(value) : value;
    }
}
