package io.plumbline.model;

import java.util.List;

/**
 * All processes of a node and what holds for all of them, read once.
 *
 * @param processes by pid, each read whole; those that ended meanwhile are not here
 * @param vanished how many processes ended while they were read
 */
public record NodeSnapshot(NodeFacts facts, List<ProcessSnapshot> processes, int vanished) {

    public NodeSnapshot {
        processes = List.copyOf(processes);
    }
}
