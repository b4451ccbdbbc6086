package io.plumbline.model;

import java.util.List;

/**
 * All processes of a node and what holds for all of them, read once.
 *
 * @param processes by pid, each read whole; those that ended meanwhile are not here
 * @param vanished how many processes ended while they were read
 * @param unreadable processes that are there, but of which this reader does not even get the start time, each with file and errno; and
 *     {@code /proc} itself where it is mounted so that it does not list all
 */
public record NodeSnapshot(
        NodeFacts facts,
        List<ProcessSnapshot> processes,
        int vanished,
        List<Reading.Unreadable<ProcessKey>> unreadable) {

    public NodeSnapshot {
        processes = List.copyOf(processes);
        unreadable = List.copyOf(unreadable);
    }

    /** A snapshot in which every process that is there could be read. */
    public NodeSnapshot(NodeFacts facts, List<ProcessSnapshot> processes, int vanished) {
        this(facts, processes, vanished, List.of());
    }
}
