package io.plumbline.kernel;

import io.plumbline.kernel.DirectoryMounts.OfThread;
import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.ProcScanner;
import io.plumbline.kernel.bindings.ScannedProcess;
import io.plumbline.kernel.bindings.ScannedProcess.Part;
import io.plumbline.kernel.bindings.ScannedProcess.ScannedThread;
import io.plumbline.kernel.bindings.ScannedProcesses;
import io.plumbline.kernel.bindings.ScannedStatus;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CommandLine;
import io.plumbline.model.Credentials;
import io.plumbline.model.NamespaceSet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import io.plumbline.model.SortedLists;
import io.plumbline.model.ThreadSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads processes through the C library, and gives its errno numbers the meaning that {@link JavaScan} gives them.
 *
 * <p>What is kept from scan to scan is the Java side of it: a record is made anew only if the library's hash of all that was read
 * differs, 64 bits under a key that no workload knows. When scans are repeated the library itself reads only processes that changed, by the
 * kernel's task iterator, or, where that cannot be used, those that have run, by the scheduler's count; and tells only of those that changed.
 */
final class NativeScan implements Scan {

    private static final NamespaceType[] NAMESPACES = NamespaceType.values();

    private static final String NATIVE = "native";
    private static final String ITERATOR = "iterator";

    private static final String WITHOUT = NATIVE + ": the kernel's task iterator ";

    private final ProcScanner scanner;
    private final JavaScan java;
    private final Iteration iteration;
    private final CgroupFile.Known cgroups = new CgroupFile.Known();
    private final Shared shared = new Shared();
    /** Of the last scan, by pid. */
    private List<Seen> last = List.of();

    /** None of them is refused or without a leader: the last result has a record of each, in the same order. */
    private boolean lastDecoded;

    private Result lastResult = new Result(List.of(), 0, List.of(), Optional.empty(), OptionalLong.empty(), Set.of());

    private String backend;

    /**
     * A scan of the tree that both read.
     *
     * @param java for the few processes whose leader has ended before its threads
     * @param iteration whether scans that are repeated go by the kernel's task iterator
     */
    NativeScan(ProcScanner scanner, JavaScan java, Iteration iteration) {
        this.scanner = scanner;
        this.java = java;
        this.iteration = iteration;
        this.backend = iteration == Iteration.OFF ? WITHOUT + "is switched off" : NATIVE;
    }

    /** Is the kernel's iterator asked which processes changed? */
    enum Iteration {
        WHERE_POSSIBLE,
        /** Somebody does not want it. */
        OFF,
        /** A captured tree has no kernel. */
        NONE
    }

    @Override
    public Result read() throws IOException {
        return remember(scanner.scan());
    }

    /** The first time there is nothing to compare with; a scan that is not repeated needs no iterator, and nobody runs in a captured tree. */
    @Override
    public Result readChanges(List<Integer> told) throws IOException {
        if (last.isEmpty() || iteration == Iteration.NONE) {
            return read();
        }
        if (!backend.equals(ITERATOR) && !told.isEmpty()) {
            // The scheduler does not tell of who was moved while he slept.
            scanner.doubt(pids(told));
        }
        if (iteration == Iteration.OFF) {
            return remember(scanner.scanChanges());
        }
        Optional<String> refusal = scanner.openIterator();
        ScannedProcesses scanned = scanner.scanChanges();
        int error = scanned.iteratorError();
        backend = refusal.map(why -> WITHOUT + "cannot be used: " + why)
                .orElse(
                        error == 0
                                ? ITERATOR
                                : WITHOUT + "failed, so this scan went by who has run: " + Errno.name(error));
        return remember(scanned);
    }

    @Override
    public String backend() {
        return backend;
    }

    @Override
    public Result read(List<Integer> pids) throws IOException {
        ScannedProcesses scanned = scanner.detail(pids(pids));
        return result(seen(scanned), scanned);
    }

    private static int[] pids(List<Integer> pids) {
        return pids.stream().mapToInt(Integer::intValue).toArray();
    }

    private Result remember(ScannedProcesses scanned) {
        if (!scanned.changesOnly()) {
            last = seen(scanned);
            lastResult = result(last, scanned);
            lastDecoded = areDecoded(last);
            return lastResult;
        }
        List<Seen> changes = seen(scanned);
        List<Integer> pids = IntStream.concat(changes.stream().mapToInt(Seen::pid), Arrays.stream(scanned.ended()))
                .sorted()
                .distinct()
                .boxed()
                .toList();
        boolean allDecoded = lastDecoded && areDecoded(changes);
        last = SortedLists.replace(last, Seen::pid, pids, changes);
        lastResult = allDecoded ? lastResult(scanned, changes, pids) : result(last, scanned);
        lastDecoded = allDecoded || areDecoded(last);
        return lastResult;
    }

    private static boolean areDecoded(List<Seen> seen) {
        return seen.stream().allMatch(one -> one instanceof Decoded);
    }

    /** The last one with these changes. */
    private Result lastResult(ScannedProcesses scanned, List<Seen> changes, List<Integer> pids) {
        List<ProcessRecord> records =
                changes.stream().map(change -> ((Decoded) change).record()).toList();
        return new Result(
                SortedLists.replace(lastResult.processes(), ProcessRecord::pid, pids, records),
                scanned.gone(),
                List.of(),
                Optional.of(pids),
                OptionalLong.of(scanned.mountChanges()),
                scanned.changedMounts());
    }

    /** What a scan says of all that it has records of. */
    private List<Seen> seen(ScannedProcesses scanned) {
        List<ScannedProcess> processes = scanned.processes();
        List<Seen> seen = new ArrayList<>(processes.size());
        int before = 0;
        for (ScannedProcess process : processes) {
            before = SortedLists.firstNotBelow(last, Seen::pid, before, process.pid());
            seen.add(before < last.size() ? seen(process, last.get(before)) : made(process));
        }
        return seen;
    }

    private Seen seen(ScannedProcess process, Seen before) {
        return before instanceof Decoded known && known.isOf(process) && process.readThread() == process.pid()
                ? known.inState(process.state())
                : made(process);
    }

    private Seen made(ScannedProcess process) {
        int error = process.error(Part.STAT);
        if (error != 0) {
            return new Refused(process.pid(), new Reading.Unreadable<>(source(process, "stat"), why(error)));
        }
        return process.readThread() != process.pid()
                ? new Leaderless(process.pid())
                : new Decoded(process.hash(), record(process, cgroups).sharing(shared));
    }

    private Result result(List<Seen> all, ScannedProcesses scanned) {
        List<ProcessRecord> processes = new ArrayList<>(all.size());
        List<Reading.Unreadable<ProcessKey>> refused = new ArrayList<>();
        int vanished = scanned.gone();
        for (Seen seen : all) {
            if (seen instanceof Decoded decoded) {
                processes.add(decoded.record());
            } else if (seen instanceof Refused refusal) {
                refused.add(refusal.why());
            } else {
                Optional<Reading<ProcessRecord>> again = java.read(seen.pid(), cgroups);
                if (again.isPresent() && again.get() instanceof Reading.Observed<ProcessRecord> observed) {
                    processes.add(observed.value());
                } else {
                    vanished++;
                }
            }
        }
        return new Result(
                processes,
                vanished,
                refused,
                Optional.empty(),
                OptionalLong.of(scanned.mountChanges()),
                scanned.changedMounts());
    }

    @Override
    public void close() {
        scanner.close();
    }

    /** What the library said of a process. */
    private sealed interface Seen {
        int pid();
    }

    /** Its {@code stat} could not be read. */
    private record Refused(int pid, Reading.Unreadable<ProcessKey> why) implements Seen {}

    /** Its leader has ended before its threads: Java reads it each time. */
    private record Leaderless(int pid) implements Seen {}

    private record Decoded(long hash, ProcessRecord record) implements Seen {

        @Override
        public int pid() {
            return record.pid();
        }

        boolean isOf(ScannedProcess process) {
            return hash == process.hash()
                    && record.pid() == process.pid()
                    && record.key().startTicks() == process.startTicks();
        }

        /** The one thing that is not in the hash and not the same for all processes of one hash. */
        Decoded inState(char state) {
            return record.state() == state ? this : new Decoded(hash, record.inState(state));
        }
    }

    private static ProcessRecord record(ScannedProcess process, CgroupFile.Known cgroups) {
        int pid = process.pid();
        int statusError = process.error(Part.STATUS);
        NamespaceSet namespaces = namespaces(process);
        return new ProcessRecord(
                new ProcessKey(pid, process.startTicks()),
                process.parent(),
                process.state(),
                process.isKernelThread(),
                new String(process.comm(), StandardCharsets.UTF_8),
                commandLine(process),
                statusError == 0
                        ? credentials(process.status(), source(process, "status"))
                        : failure(process, statusError, "status"),
                threads(process, namespaces),
                nsPids(process, statusError),
                cgroup(process, cgroups),
                namespaces,
                process.error(Part.EXECUTABLE) == 0
                        ? Reading.of(new String(process.executable(), StandardCharsets.ISO_8859_1))
                        : failure(process, process.error(Part.EXECUTABLE), "exe"),
                label(process),
                process.error(Part.EXECUTABLE_FILE) == 0 ? Optional.of(process.executableFile()) : Optional.empty(),
                directories(process),
                "");
    }

    private static DirectoryMounts directories(ScannedProcess process) {
        return new DirectoryMounts(
                process.error(Part.ROOT) == 0 ? process.rootMount() : 0,
                process.error(Part.WORKING_DIRECTORY) == 0 ? process.workingDirectoryMount() : 0,
                process.threads() > 1 && process.error(Part.THREADS) == 0 ? threadDirectories(process) : List.of());
    }

    private static List<OfThread> threadDirectories(ScannedProcess process) {
        return process.differingThreads().stream()
                .filter(ScannedThread::differsInDirectories)
                .map(thread -> new OfThread(thread.tid(), thread.rootMount(), thread.workingDirectoryMount()))
                .toList();
    }

    private static CommandLine commandLine(ScannedProcess process) {
        if (process.error(Part.COMMAND_LINE) != 0) {
            return new CommandLine(List.of(), false);
        }
        byte[] bytes = process.commandLine();
        return CmdlineFile.parse(new Cursor(bytes, 0, bytes.length), process.isCommandLineCut());
    }

    private static Reading<Credentials> credentials(ScannedStatus status, String source) {
        return status.missingLine()
                .<Reading<Credentials>>map(line -> StatusFile.missing(source, line))
                .orElseGet(() -> Reading.of(status.credentials()));
    }

    private static Reading<List<Integer>> nsPids(ScannedProcess process, int statusError) {
        if (statusError != 0) {
            return failure(process, statusError, "status");
        }
        return process.hasNsPids() ? Reading.of(process.nsPids()) : new Reading.Absent<>(source(process, "status"));
    }

    private static Reading<List<ThreadSnapshot>> threads(ScannedProcess process, NamespaceSet leaders) {
        int error = process.error(Part.THREADS);
        if (process.isKernelThread() || process.threads() <= 1) {
            return Reading.of(List.of());
        }
        if (error != 0) {
            return failure(process, error, "task");
        }
        List<ThreadSnapshot> differing = new ArrayList<>();
        for (ScannedThread thread : process.differingThreads()) {
            if (thread.differsInDirectoriesOnly()) {
                continue;
            }
            String source = source(process, "task/" + thread.tid() + "/status");
            Reading<Credentials> credentials =
                    thread.error() == 0 ? credentials(thread.status(), source) : failure(source, thread.error());
            if (!(credentials instanceof Reading.Observed<Credentials> observed)) {
                return ProcTree.failure(credentials);
            }
            differing.add(new ThreadSnapshot(thread.tid(), observed.value(), namespaces(process, thread, leaders)));
        }
        return Reading.of(differing);
    }

    private static NamespaceSet namespaces(ScannedProcess process, ScannedThread thread, NamespaceSet leaders) {
        return leaders.ofThread(type -> {
            int error = thread.error(type);
            return error == 0
                    ? Reading.of(thread.namespace(type))
                    : failure(source(process, "task/" + thread.tid() + "/ns/" + type.link()), error);
        });
    }

    private static Reading<CgroupMembership> cgroup(ScannedProcess process, CgroupFile.Known known) {
        int error = process.error(Part.CGROUP);
        if (error != 0) {
            return failure(process, error, "cgroup");
        }
        byte[] bytes = process.cgroup();
        return known.parse(new Content(source(process, "cgroup"), bytes, bytes.length));
    }

    private static NamespaceSet namespaces(ScannedProcess process) {
        Map<NamespaceType, Reading<Long>> inodes = new EnumMap<>(NamespaceType.class);
        for (NamespaceType type : NAMESPACES) {
            int error = process.error(type);
            inodes.put(
                    type,
                    error == 0 ? Reading.of(process.namespace(type)) : failure(process, error, "ns/" + type.link()));
        }
        return new NamespaceSet(inodes);
    }

    private static Reading<String> label(ScannedProcess process) {
        int error = process.error(Part.LABEL);
        String file = process.isLabelFromCurrent() || error == ScannedProcess.SKIPPED
                ? "attr/current"
                : "attr/apparmor/current";
        if (error == 0) {
            byte[] bytes = process.label();
            return AttrCurrent.parse(new Content(source(process, file), bytes, bytes.length));
        }
        return failure(process, error == Errno.EINVAL ? Errno.ENOENT : error, file);
    }

    private static <T> Reading<T> failure(ScannedProcess process, int error, String file) {
        return failure(source(process, file), error);
    }

    private static <T> Reading<T> failure(String source, int error) {
        return error == Errno.ENOENT || error == ScannedProcess.SKIPPED
                ? new Reading.Absent<>(source)
                : new Reading.Unreadable<>(source, why(error));
    }

    private static String why(int error) {
        return error == Errno.EBADMSG ? Content.NOT_IN_FORM : Errno.name(error);
    }

    private static String source(ScannedProcess process, String file) {
        return ProcessRecord.source(process.pid(), "", file);
    }
}
