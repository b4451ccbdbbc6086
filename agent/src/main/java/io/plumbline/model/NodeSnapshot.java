package io.plumbline.model;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All processes of a node and what holds for all of them, read once.
 *
 * @param processes by pid, each read whole; those that ended meanwhile are not here
 * @param vanished how many processes ended while they were read
 * @param unreadable processes that are there, but of which this reader does not even get the start time, each with file and errno; and
 *     {@code /proc} itself where it is mounted so that it does not list all
 * @param witnessed of whom the kernel itself told, and when
 */
public record NodeSnapshot(
        NodeFacts facts,
        List<ProcessSnapshot> processes,
        int vanished,
        List<Reading.Unreadable<ProcessKey>> unreadable,
        Map<ProcessKey, Occasion.Witness> witnessed) {

    private static final Comparator<ProcessSnapshot> BY_PID = Comparator.comparingInt(ProcessSnapshot::pid);

    public NodeSnapshot {
        processes = isSorted(processes)
                ? List.copyOf(processes)
                : processes.stream().sorted(BY_PID).toList();
        unreadable = List.copyOf(unreadable);
        witnessed = Map.copyOf(witnessed);
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
        Map<ProcessKey, Occasion.Witness> byKey = new HashMap<>();
        told.forEach((pid, witness) -> process(pid).ifPresent(process -> byKey.put(process.key(), witness)));
        return new NodeSnapshot(facts, processes, vanished, unreadable, byKey);
    }

    /** The one with this pid. */
    public Optional<ProcessSnapshot> process(int pid) {
        int at = SortedLists.firstNotBelow(processes, ProcessSnapshot::pid, pid);
        return at < processes.size() && processes.get(at).pid() == pid
                ? Optional.of(processes.get(at))
                : Optional.empty();
    }

    private static boolean isSorted(List<ProcessSnapshot> processes) {
        for (int i = 1; i < processes.size(); i++) {
            if (processes.get(i).pid() < processes.get(i - 1).pid()) {
                return false;
            }
        }
        return true;
    }
}
