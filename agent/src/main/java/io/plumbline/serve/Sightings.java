package io.plumbline.serve;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Who may have been read by a scan or a look, although the kernel's word that he was born came only afterwards. Times are of the events'
 * clock, in nanoseconds. One thread at a time.
 */
final class Sightings {

    /** When the last look at each ended. */
    private final Map<Integer, Long> looks = new HashMap<>();

    private Set<Integer> inHand = Set.of();
    private boolean scanning;
    private long scanned = Long.MIN_VALUE;

    /** From now on anybody may be read. */
    void beginScan() {
        scanning = true;
    }

    /** From now on these may be read. */
    void beginLook(Set<Integer> pids) {
        inHand = pids;
    }

    /** Whoever is born from now on was not read. */
    void end(long now) {
        if (scanning) {
            scanning = false;
            scanned = now;
        }
        inHand.forEach(pid -> looks.put(pid, now));
        inHand = Set.of();
    }

    /** May he who had this number since then have been read? */
    boolean mayBeOf(Integer pid, long born) {
        return scanning || born <= scanned || inHand.contains(pid) || looks.getOrDefault(pid, Long.MIN_VALUE) >= born;
    }

    /** All births before this have been told. */
    void forgetBefore(long told) {
        looks.values().removeIf(end -> end < told);
    }
}
