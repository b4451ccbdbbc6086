package io.plumbline.model;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A map that never changes. The next one, of which a few values are others, costs little: both hold what they have in common. */
public final class Versioned<K, V> extends ImmutableMap<K, V> {

    /** So many changes are looked at before what they change; of more a map of its own is made. */
    private static final int FEW = 64;

    private final Map<K, V> common;

    /** Since {@code common}; empty where there is none any more. */
    private final Map<K, Optional<V>> changes;

    private final int size;

    private Versioned(Map<K, V> common, Map<K, Optional<V>> changes, int size) {
        this.common = common;
        this.changes = changes;
        this.size = size;
    }

    /** The first one: the same as another map. */
    public static <K, V> Versioned<K, V> of(Map<K, V> all) {
        return owning(new LinkedHashMap<>(all));
    }

    private static <K, V> Versioned<K, V> owning(Map<K, V> all) {
        return new Versioned<>(all, Map.of(), all.size());
    }

    /**
     * The next one.
     *
     * @param others instead of those of now; empty for those that are not there any more
     */
    public Versioned<K, V> with(Map<K, Optional<V>> others) {
        if (others.isEmpty()) {
            return this;
        }
        Map<K, Optional<V>> all = new HashMap<>(changes);
        all.putAll(others);
        if (all.size() > FEW) {
            return owning(put(common, all));
        }
        int next = size;
        for (Map.Entry<K, Optional<V>> other : others.entrySet()) {
            next += (other.getValue().isPresent() ? 1 : 0) - (containsKey(other.getKey()) ? 1 : 0);
        }
        return new Versioned<>(common, all, next);
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        Optional<V> change = changes.get(key);
        return change == null ? common.get(key) : change.orElse(null);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        Optional<V> change = changes.get(key);
        return change == null ? common.containsKey(key) : change.isPresent();
    }

    @Override
    public int size() {
        return size;
    }

    /** A copy. */
    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return Collections.unmodifiableMap(put(common, changes)).entrySet();
    }

    private static <K, V> Map<K, V> put(Map<K, V> common, Map<K, Optional<V>> changes) {
        Map<K, V> all = new LinkedHashMap<>(common);
        changes.forEach((key, change) -> change.ifPresentOrElse(value -> all.put(key, value), () -> all.remove(key)));
        return all;
    }
}
