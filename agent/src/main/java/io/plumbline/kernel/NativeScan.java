package io.plumbline.kernel;

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
import io.plumbline.model.ThreadCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads processes through the C library, and gives its errno numbers the meaning that {@link JavaScan} gives them.
 *
 * <p>The library reads every file of every process each time. What is kept from scan to scan is the Java side of it: a record is made
 * anew only if the library's hash of all that was read differs, 64 bits under a key that no workload knows.
 */
final class NativeScan implements Scan {

    private static final NamespaceType[] NAMESPACES = NamespaceType.values();

    private final ProcScanner scanner;
    private final JavaScan java;
    private final CgroupFile.Known cgroups = new CgroupFile.Known();
    /** Of the last scan, by pid. */
    private List<Decoded> last = List.of();

    /**
     * A scan of the tree that both read.
     *
     * @param java for the few processes whose leader has ended before its threads
     */
    NativeScan(ProcScanner scanner, JavaScan java) {
        this.scanner = scanner;
        this.java = java;
    }

    @Override
    public Result read() throws IOException {
        List<Decoded> decoded = new ArrayList<>(last.size());
        Result read = decode(scanner.scan(), decoded);
        last = decoded;
        return read;
    }

    @Override
    public Result read(List<Integer> pids) throws IOException {
        return decode(
                scanner.detail(pids.stream().mapToInt(Integer::intValue).toArray()), new ArrayList<>(pids.size()));
    }

    /** @param decoded takes in what may be the same the next time */
    private Result decode(ScannedProcesses scanned, List<Decoded> decoded) {
        List<ProcessRecord> processes = new ArrayList<>(last.size());
        List<Reading.Unreadable<ProcessKey>> refused = new ArrayList<>();
        int vanished = scanned.gone();
        int before = 0;
        for (ScannedProcess process : scanned.processes()) {
            int error = process.error(Part.STAT);
            if (error != 0) {
                refused.add(new Reading.Unreadable<>(source(process, "stat"), why(error)));
            } else if (process.readThread() != process.pid()) {
                Optional<Reading<ProcessRecord>> again = java.read(process.pid(), cgroups);
                if (again.isPresent() && again.get() instanceof Reading.Observed<ProcessRecord> observed) {
                    processes.add(observed.value());
                } else {
                    vanished++;
                }
            } else {
                while (before < last.size() && last.get(before).record().pid() < process.pid()) {
                    before++;
                }
                Decoded known = before < last.size() ? last.get(before) : null;
                Decoded now = known != null && known.isOf(process)
                        ? known.inState(process.state())
                        : new Decoded(process.hash(), record(process, cgroups));
                decoded.add(now);
                processes.add(now.record());
            }
        }
        return new Result(processes, vanished, refused);
    }

    @Override
    public void close() {
        scanner.close();
    }

    private record Decoded(long hash, ProcessRecord record) {

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
                threads(process),
                nsPids(process, statusError),
                cgroup(process, cgroups),
                namespaces(process),
                process.error(Part.EXECUTABLE) == 0
                        ? Reading.of(new String(process.executable(), StandardCharsets.ISO_8859_1))
                        : failure(process, process.error(Part.EXECUTABLE), "exe"),
                label(process),
                process.error(Part.EXECUTABLE_FILE) == 0 ? Optional.of(process.executableFile()) : Optional.empty(),
                "");
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

    private static Reading<List<ThreadCredentials>> threads(ScannedProcess process) {
        int error = process.error(Part.THREADS);
        if (process.isKernelThread() || process.threads() <= 1) {
            return Reading.of(List.of());
        }
        if (error != 0) {
            return failure(process, error, "task");
        }
        List<ThreadCredentials> differing = new ArrayList<>();
        for (ScannedThread thread : process.differingThreads()) {
            String source = source(process, "task/" + thread.tid() + "/status");
            Reading<Credentials> credentials =
                    thread.error() == 0 ? credentials(thread.status(), source) : failure(source, thread.error());
            if (!(credentials instanceof Reading.Observed<Credentials> observed)) {
                return ProcTree.failure(credentials);
            }
            differing.add(new ThreadCredentials(thread.tid(), observed.value()));
        }
        return Reading.of(differing);
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
