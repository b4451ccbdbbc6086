package io.plumbline.model;

import java.util.AbstractMap;
import java.util.Map;

/** A map of this room that never changes, and that {@link Map#copyOf} would take for one that may. */
public abstract sealed class ImmutableMap<K, V> extends AbstractMap<K, V> permits LazyTimes, Versioned {

    ImmutableMap() {}

    /** The same map, if it is one that never changes; else a copy. */
    static <K, V> Map<K, V> copyOf(Map<K, V> map) {
        return map instanceof ImmutableMap ? map : Map.copyOf(map);
    }
}
