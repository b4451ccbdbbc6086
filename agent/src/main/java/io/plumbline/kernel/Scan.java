package io.plumbline.kernel;

import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A way to read every process of a tree. Whichever is taken, the same tree gives the same result. */
interface Scan extends AutoCloseable {

    /**
     * Reads all.
     *
     * @throws IOException if the tree itself cannot be read
     */
    Result read() throws IOException;

    /**
     * Sees all, and reads at least what the kernel shows to have changed since the last time, and what was read alone since.
     *
     * @param told pids of those that something happened to, ascending: they are read too
     * @throws IOException if the tree itself cannot be read
     */
    default Result readChanges(List<Integer> told) throws IOException {
        return read();
    }

    /** How it reads, and why not better: a few words for the user. */
    String backend();

    /**
     * Reads these alone, each once; those that are not there are among the vanished.
     *
     * @param pids in ascending order
     * @throws IOException if the tree itself cannot be read
     */
    Result read(List<Integer> pids) throws IOException;

    @Override
    void close();

    /**
     * What was read.
     *
     * @param processes by pid
     * @param vanished how many ended meanwhile
     * @param refused those that are listed, but whose {@code stat} this reader does not get
     * @param changed pids, ascending: all others are in {@code processes} as they were in the last result of {@link #read()} or
     *     {@link #readChanges}, the same objects; empty where that cannot be said, and of {@link #read(List)}
     * @param mountChanges the same number as the last time if no mount table has changed since; empty where nobody can tell
     * @param changedMounts inodes of the mount namespaces whose tables changed, if that number is one more than the last time; empty where
     *     nobody can tell which
     */
    record Result(
            List<ProcessRecord> processes,
            int vanished,
            List<Reading.Unreadable<ProcessKey>> refused,
            Optional<List<Integer>> changed,
            OptionalLong mountChanges,
            Set<Long> changedMounts) {}
}
