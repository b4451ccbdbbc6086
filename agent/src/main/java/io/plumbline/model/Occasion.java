package io.plumbline.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Why the node is looked at, and what the kernel itself told of its processes.
 *
 * @param changed the processes that something happened to since the last look; empty where everything is to be read
 * @param witnessed what was told of processes, by pid
 */
public record Occasion(Optional<Set<Integer>> changed, Map<Integer, Witness> witnessed) {

    /** Everything, and nobody told anything. */
    public static final Occasion SCAN = new Occasion(Optional.empty(), Map.of());

    public Occasion {
        changed = changed.map(Set::copyOf);
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
