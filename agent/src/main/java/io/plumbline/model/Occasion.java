package io.plumbline.model;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Why the node is looked at, and what the kernel itself told of its processes.
 *
 * @param everything all processes are to be seen, not only those that something happened to
 * @param changed those that something happened to since the last look: to be read again, whatever else shows that they are as they were
 * @param witnessed what was told of processes, by pid
 */
public record Occasion(boolean everything, Set<Integer> changed, Map<Integer, Witness> witnessed) {

    /** Everything, and nobody told anything. */
    public static final Occasion SCAN = new Occasion(true, Set.of(), Map.of());

    public Occasion {
        changed = Set.copyOf(changed);
        witnessed = ImmutableMap.copyOf(witnessed);
    }

    /**
     * The last event of a process.
     *
     * @param at when it happened
     * @param settled the kernel told of its last exec, or of its birth long ago: what is read of it holds
     */
    public record Witness(Instant at, boolean settled) {}
}
