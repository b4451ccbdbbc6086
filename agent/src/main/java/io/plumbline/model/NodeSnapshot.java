package io.plumbline.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All processes of a node and what holds for all of them, read once.
 *
 * @param processes ascending by pid, each read whole; those that ended meanwhile are not here
 * @param vanished how many processes ended while they were read
 * @param unreadable processes that are there, but of which this reader does not even get the start time, each with file and errno; and
 *     {@code /proc} itself where it is mounted so that it does not list all
 * @param witnessed of whom the kernel itself told, and when, by pid; of others than these processes too
 */
public record NodeSnapshot(
        NodeFacts facts,
        List<ProcessSnapshot> processes,
        int vanished,
        List<Reading.Unreadable<ProcessKey>> unreadable,
        Map<Integer, Occasion.Witness> witnessed) {

    public NodeSnapshot {
        processes = List.copyOf(processes);
        unreadable = List.copyOf(unreadable);
        witnessed = ImmutableMap.copyOf(witnessed);
    }

    /** A snapshot that no event led to. */
    public NodeSnapshot(
            NodeFacts facts,
            List<ProcessSnapshot> processes,
            int vanished,
            List<Reading.Unreadable<ProcessKey>> unreadable) {
        this(facts, processes, vanished, unreadable, Map.of());
    }

    /** A snapshot in which every process that is there could be read. */
    public NodeSnapshot(NodeFacts facts, List<ProcessSnapshot> processes, int vanished) {
        this(facts, processes, vanished, List.of());
    }

    /** The same, with what was told of its processes. */
    public NodeSnapshot witnessedBy(Map<Integer, Occasion.Witness> told) {
        if (told.isEmpty()) {
            return this;
        }
        return new NodeSnapshot(facts, processes, vanished, unreadable, told);
    }

    /** The one with this pid. */
    public Optional<ProcessSnapshot> process(int pid) {
        int at = SortedLists.firstNotBelow(processes, ProcessSnapshot::pid, pid);
        return at < processes.size() && processes.get(at).pid() == pid
                ? Optional.of(processes.get(at))
                : Optional.empty();
    }
}
