package io.plumbline.findings;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A map that never changes. The next one, of which a few values are others, costs little: both hold what they have in common. */
final class Versioned<V> {

    /** So many changes are looked at before what they change; of more a map of its own is made. */
    private static final int FEW = 64;

    private final Map<String, V> common;

    /** Since {@code common}; empty where there is none any more. */
    private final Map<String, Optional<V>> changes;

    private final int size;

    private Versioned(Map<String, V> common, Map<String, Optional<V>> changes, int size) {
        this.common = common;
        this.changes = changes;
        this.size = size;
    }

    /** @param all taken over: nobody else changes it from now on */
    static <V> Versioned<V> of(Map<String, V> all) {
        return new Versioned<>(all, Map.of(), all.size());
    }

    @Nullable
    V get(String key) {
        Optional<V> change = changes.get(key);
        return change == null ? common.get(key) : change.orElse(null);
    }

    int size() {
        return size;
    }

    void forEach(BiConsumer<String, V> action) {
        common.forEach((key, value) -> {
            if (!changes.containsKey(key)) {
                action.accept(key, value);
            }
        });
        changes.forEach((key, change) -> change.ifPresent(value -> action.accept(key, value)));
    }

    /** @param others instead of those of now; empty for those that are not there any more */
    Versioned<V> with(Map<String, Optional<V>> others) {
        if (others.isEmpty()) {
            return this;
        }
        Map<String, Optional<V>> all = new HashMap<>(changes);
        all.putAll(others);
        if (all.size() > FEW) {
            Map<String, V> own = new LinkedHashMap<>(2 * common.size());
            new Versioned<>(common, all, 0).forEach(own::put);
            return of(own);
        }
        int next = size;
        for (Map.Entry<String, Optional<V>> other : others.entrySet()) {
            next += (other.getValue().isPresent() ? 1 : 0) - (get(other.getKey()) == null ? 0 : 1);
        }
        return new Versioned<>(common, all, next);
    }
}
