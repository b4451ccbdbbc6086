package io.plumbline.serve;

import java.util.Optional;

/**
 * What the loop hears between scans. Containers that start are told of as processes: the runtime's child comes into the container's cgroup
 * before it becomes the container's program, which is an exec.
 *
 * @param source of processes; empty where nothing is heard; closed by whom it is given to
 * @param refusal why nothing is heard of processes although something could be
 * @param mounts of mount tables; empty where nothing is heard; closed by whom it is given to
 * @param cgroups of cgroups; empty where nothing is heard; closed by whom it is given to
 */
public record Hearing(
        Optional<EventSource> source,
        Optional<String> refusal,
        Optional<MountSource> mounts,
        Optional<CgroupSource> cgroups) {

    /** Nobody is to be heard: a captured tree does not change. */
    public static final Hearing NOTHING =
            new Hearing(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Something is heard. */
    public static Hearing of(EventSource source) {
        return new Hearing(Optional.of(source), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Nothing is heard, because of this. */
    public static Hearing refused(String why) {
        return new Hearing(Optional.empty(), Optional.of(why), Optional.empty(), Optional.empty());
    }

    /** The same, and mount tables and cgroups are heard of. */
    public Hearing and(Optional<MountSource> tables, Optional<CgroupSource> moves) {
        return new Hearing(source, refusal, tables, moves);
    }
}
