package io.plumbline.model;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Times by the ids of findings, most of which nobody asks for: they are computed when one is asked for that is not known yet. */
public final class LazyTimes extends ImmutableMap<String, Instant> {

    private final Set<String> decided;
    private final Map<String, Instant> first;
    private final Supplier<Map<String, Instant>> all;
    private @Nullable Map<String, Instant> whole;

    /**
     * @param decided ids of which is known whether there is a time
     * @param first the times of those
     * @param all all times, those of {@code decided} too; always the same
     */
    public LazyTimes(Set<String> decided, Map<String, Instant> first, Supplier<Map<String, Instant>> all) {
        this.decided = Set.copyOf(decided);
        this.first = Map.copyOf(first);
        this.all = all;
    }

    private Map<String, Instant> asked(@Nullable Object id) {
        return id != null && decided.contains(id) ? first : whole();
    }

    private synchronized Map<String, Instant> whole() {
        Map<String, Instant> known = whole;
        if (known == null) {
            known = Map.copyOf(all.get());
            whole = known;
        }
        return known;
    }

    @Override
    public @Nullable Instant get(@Nullable Object id) {
        return id == null ? null : asked(id).get(id);
    }

    @Override
    public boolean containsKey(@Nullable Object id) {
        return id != null && asked(id).containsKey(id);
    }

    @Override
    public Set<Map.Entry<String, Instant>> entrySet() {
        return whole().entrySet();
    }
}
