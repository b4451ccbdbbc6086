package io.plumbline.kernel;

import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.IdMap;
import io.plumbline.model.MountTable;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
import io.plumbline.model.SortedLists;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts processes together from what was read of them. Where everything of a process is as it was, its snapshot is the very same. */
final class Snapshots {

    /** By pid, as they were read. */
    private List<Made> before = List.of();

    /** The same, in the same order; never changed. */
    private List<ProcessSnapshot> snapshots = List.of();

    private List<Made> now = new ArrayList<>();
    private int at;

    private record Made(
            ProcessRecord process,
            Reading<ExecutableOrigin> origin,
            List<DirectoryElsewhere> directories,
            Reading<MountTable> mounts,
            Reading<IdMap> uidMap,
            Reading<IdMap> gidMap,
            ProcessSnapshot snapshot) {

        int pid() {
            return process.pid();
        }

        /** What was parsed from the same bytes is the same object, so references are enough, and cost next to nothing. */
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(
                ProcessRecord other,
                Reading<ExecutableOrigin> itsOrigin,
                List<DirectoryElsewhere> itsDirectories,
                Reading<MountTable> itsMounts,
                Reading<IdMap> itsUidMap,
                Reading<IdMap> itsGidMap) {
            return process == other
                    && mounts == itsMounts
                    && uidMap == itsUidMap
                    && gidMap == itsGidMap
                    && (origin == itsOrigin || origin.equals(itsOrigin))
                    && directories.equals(itsDirectories);
        }
    }

    /** @param count how many to expect */
    void begin(int count) {
        now = new ArrayList<>(count);
        at = 0;
    }

    /**
     * Where the program of the next one comes from, if that holds still: nothing that was read of it, nor its mounts,
     * is otherwise; else null. Pids ascend.
     */
    @SuppressWarnings("ReferenceEquality") // what was parsed from the same bytes is the same object
    @Nullable
    Reading<ExecutableOrigin> origin(ProcessRecord process, Reading<MountTable> mounts) {
        Made last = last(process.pid());
        return last != null && last.process() == process && last.mounts() == mounts && Executables.lasts(last.origin())
                ? last.origin()
                : null;
    }

    private @Nullable Made last(int pid) {
        at = SortedLists.firstNotBelow(before, Made::pid, at, pid);
        return at < before.size() && before.get(at).pid() == pid ? before.get(at) : null;
    }

    /** The next one; pids ascend. */
    void add(
            ProcessRecord process,
            Reading<ExecutableOrigin> origin,
            List<DirectoryElsewhere> directories,
            Reading<MountTable> mounts,
            Reading<IdMap> uidMap,
            Reading<IdMap> gidMap) {
        Made last = last(process.pid());
        if (last != null && last.isOf(process, origin, directories, mounts, uidMap, gidMap)) {
            now.add(last);
            return;
        }
        ProcessSnapshot snapshot = snapshot(process, origin, directories, mounts, uidMap, gidMap);
        // A process that cannot be read completely is read anew again and again, and is mostly as it was.
        now.add(
                last != null && last.snapshot().equals(snapshot)
                        ? last
                        : new Made(process, origin, directories, mounts, uidMap, gidMap, snapshot));
    }

    /** All that were added, and no others; the list of the last time, if all are as they were. */
    List<ProcessSnapshot> all() {
        if (!SameObjects.areIn(before, now)) {
            before = now;
            snapshots = snapshots(now);
        }
        return snapshots;
    }

    /**
     * Those that were added, and of the last time all others; the list of the last time, if all are as they were.
     *
     * @param asked pids, ascending: of these only those that were added
     */
    List<ProcessSnapshot> with(List<Integer> asked) {
        snapshots = List.copyOf(SortedLists.replace(snapshots, ProcessSnapshot::pid, asked, snapshots(now)));
        before = SortedLists.replace(before, Made::pid, asked, now);
        return snapshots;
    }

    private static List<ProcessSnapshot> snapshots(List<Made> made) {
        List<ProcessSnapshot> snapshots = new ArrayList<>(made.size());
        for (Made one : made) {
            snapshots.add(one.snapshot());
        }
        return List.copyOf(snapshots);
    }

    private static ProcessSnapshot snapshot(
            ProcessRecord process,
            Reading<ExecutableOrigin> origin,
            List<DirectoryElsewhere> directories,
            Reading<MountTable> mounts,
            Reading<IdMap> uidMap,
            Reading<IdMap> gidMap) {
        return new ProcessSnapshot(
                process.key(),
                process.parent(),
                process.state(),
                process.kernelThread(),
                process.comm(),
                process.commandLine(),
                process.credentials(),
                process.threads(),
                process.nsPids(),
                process.cgroup(),
                process.namespaces(),
                text(process.executable()),
                origin,
                directories,
                process.label(),
                uidMap,
                gidMap,
                mounts);
    }

    /** The same reading where bytes and characters are the same. */
    private static Reading<String> text(Reading<String> byteString) {
        return byteString instanceof Reading.Observed<String> observed
                        && observed.value().chars().allMatch(character -> character < 0x80)
                ? byteString
                : byteString.map(KernelFiles::text);
    }
}
