package io.plumbline.kernel;

import io.plumbline.kernel.DirectoryMounts.OfThread;
import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.FileId;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CommandLine;
import io.plumbline.model.Credentials;
import io.plumbline.model.NamespaceSet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads processes file by file, where the C library's reader cannot be loaded.
 *
 * <p>One and the same process: its directory is opened once and everything is read below that descriptor. On procfs the descriptor
 * is bound to the process, not to its number. The start time is read first and {@code status} last, so a status that can be
 * read proves that all before it were of the process that started then. Else the number is tried once more, because it may be
 * another process's by now.
 */
final class JavaScan implements Scan {

    private static final List<NamespaceType> NAMESPACES = List.of(NamespaceType.values());

    private final ProcTree tree;
    private final String why;

    /** @param why the C library cannot be used */
    JavaScan(ProcTree tree, String why) {
        this.tree = tree;
        this.why = why;
    }

    @Override
    public String backend() {
        return "java: " + why;
    }

    @Override
    public Result read() throws IOException {
        return read(tree.pids());
    }

    @Override
    public Result read(List<Integer> pids) {
        List<ProcessRecord> processes = new ArrayList<>();
        List<Reading.Unreadable<ProcessKey>> refused = new ArrayList<>();
        CgroupFile.Known cgroups = new CgroupFile.Known();
        int vanished = 0;
        for (int pid : pids) {
            Optional<Reading<ProcessRecord>> process = read(pid, cgroups);
            if (process.isEmpty()) {
                vanished++;
            } else if (process.get() instanceof Reading.Observed<ProcessRecord> observed) {
                processes.add(observed.value());
            } else {
                refused.add(refusal(pid, process.get()));
            }
        }
        return new Result(processes, vanished, refused, Optional.empty(), OptionalLong.empty(), Set.of());
    }

    private static Reading.Unreadable<ProcessKey> refusal(int pid, Reading<ProcessRecord> process) {
        return process instanceof Reading.Unreadable<ProcessRecord> unreadable
                ? new Reading.Unreadable<>(unreadable.source(), unreadable.why())
                : new Reading.Unreadable<>("/proc/" + pid + "/stat", Errno.name(Errno.ENOENT));
    }

    @Override
    public void close() {
        // The tree belongs to who opened it.
    }

    /** One process; empty if it has ended. */
    Optional<Reading<ProcessRecord>> read(int pid, CgroupFile.Known cgroups) {
        for (int attempt = 0; attempt < 2; attempt++) {
            int directory = tree.openProcess(pid);
            if (ProcTree.isGone(directory) || directory == -Errno.ENOTDIR) {
                return Optional.empty();
            }
            String source = ProcessRecord.source(pid, "", "stat");
            if (directory < 0) {
                return Optional.of(ProcTree.failed(source, directory));
            }
            try {
                Reading<StatFile> stat = ProcTree.flatMap(tree.record(directory, "stat", source), StatFile::parse);
                if (stat instanceof Reading.Observed<StatFile> observed) {
                    Optional<ProcessRecord> process = new OneProcess(directory, pid, observed.value(), cgroups).read();
                    if (process.isPresent()) {
                        return Optional.of(Reading.of(process.get()));
                    }
                } else if (!hasEnded(stat)) {
                    return Optional.of(ProcTree.failure(stat));
                }
            } finally {
                tree.close(directory);
            }
        }
        return Optional.empty();
    }

    /** On procfs a file that every process has is missing only of one that has ended. */
    private boolean hasEnded(Reading<?> reading) {
        return tree.isLive()
                && (reading instanceof Reading.Absent<?>
                        || (reading instanceof Reading.Unreadable<?> unreadable
                                && unreadable.why().equals("ESRCH")));
    }

    /** The files of one process, below its open directory. */
    private final class OneProcess {
        private final int directory;
        private final int pid;
        private final StatFile stat;
        private final CgroupFile.Known cgroups;

        OneProcess(int directory, int pid, StatFile stat, CgroupFile.Known cgroups) {
            this.directory = directory;
            this.pid = pid;
            this.stat = stat;
            this.cgroups = cgroups;
        }

        /** Empty if it has ended before its status was read. */
        Optional<ProcessRecord> read() {
            if (stat.isKernelThread()) {
                return kernelThread();
            }
            if (stat.isLeaderGone()) {
                // What a zombie lacks, a living thread still has.
                for (int thread : threadIds().observed().orElse(List.of())) {
                    String files = "task/" + thread + "/";
                    Optional<Character> state = thread == pid ? Optional.empty() : stateOf(files);
                    Optional<ProcessRecord> read = state.flatMap(living -> process(files, living));
                    // Living at the end as well, so it was all the while.
                    if (read.isPresent() && stateOf(files).isPresent()) {
                        return read;
                    }
                }
            }
            return process("", stat.state());
        }

        private Optional<Character> stateOf(String files) {
            return ProcTree.flatMap(read(files, "stat"), StatFile::parse)
                    .observed()
                    .filter(thread -> !thread.isExiting())
                    .map(StatFile::state)
                    .filter(state -> state != 'Z' && state != 'X');
        }

        private Optional<ProcessRecord> kernelThread() {
            Reading<StatusFile> status = read("", "status").map(StatusFile::parse);
            if (hasEnded(status)) {
                return Optional.empty();
            }
            StatusFile parsed = StatusFile.of(status);
            return Optional.of(new ProcessRecord(
                    new ProcessKey(pid, stat.startTicks()),
                    stat.parent(),
                    stat.state(),
                    true,
                    stat.comm(),
                    new CommandLine(List.of(), false),
                    parsed.credentials(),
                    Reading.of(List.of()),
                    parsed.nsPids(),
                    absent("", "cgroup"),
                    noNamespaces(pid),
                    absent("", "exe"),
                    absent("", "attr/current"),
                    Optional.empty(),
                    DirectoryMounts.UNKNOWN,
                    ""));
        }

        private Optional<ProcessRecord> process(String files, char threadState) {
            NamespaceSet namespaces = namespaces(files);
            Reading<String> label = label(files);
            Reading<CgroupMembership> cgroup = ProcTree.flatMap(read(files, "cgroup"), cgroups::parse);
            Reading<String> executable = tree.link(directory, files + "exe", source(files, "exe"))
                    .map(text -> text.cursor().byteString());
            CommandLine commandLine = tree.start(
                            directory, files + "cmdline", source(files, "cmdline"), CmdlineFile.LIMIT + 1)
                    .map(CmdlineFile::parse)
                    .observed()
                    .orElse(new CommandLine(List.of(), false));
            Optional<FileId> executableFile = tree.target(directory, files + "exe");
            DirectoryMounts own = new DirectoryMounts(mount(files + "root"), mount(files + "cwd"), List.of());
            Reading<StatusFile> status = read("", "status").map(StatusFile::parse);
            if (hasEnded(status)) {
                return Optional.empty();
            }
            StatusFile parsed = StatusFile.of(status);
            char state = files.isEmpty() ? parsed.state().orElse(threadState) : threadState;
            int threadCount = parsed.threads().orElse(stat.threads());
            boolean lacks = executable instanceof Reading.Absent<String>
                    || commandLine.arguments().isEmpty()
                    || namespaces.inodes().stream().anyMatch(inode -> inode instanceof Reading.Absent<Long>);
            if (files.isEmpty() && isEnding(state, threadCount, lacks)) {
                return Optional.empty();
            }
            Reading<List<ThreadSnapshot>> threads = differingThreads(threadCount, parsed.credentials(), namespaces);
            if (hasEnded(threads)) {
                return Optional.empty();
            }
            DirectoryMounts directories = threadCount > 1 ? withThreads(own) : own;
            return Optional.of(new ProcessRecord(
                    new ProcessKey(pid, stat.startTicks()),
                    stat.parent(),
                    state,
                    false,
                    stat.comm(),
                    commandLine,
                    parsed.credentials(),
                    threads,
                    parsed.nsPids(),
                    cgroup,
                    namespaces,
                    executable,
                    label,
                    executableFile,
                    directories,
                    files));
        }

        /**
         * A process lets go of memory, root and namespaces a while before it is a zombie: these are not absent, it is ending. And a
         * leader may have ended while it was read.
         */
        private boolean isEnding(char state, int threadCount, boolean lacks) {
            if (state == 'Z' || state == 'X') {
                return threadCount > 1 && !stat.isLeaderGone();
            }
            if (!lacks || !tree.isLive()) {
                return false;
            }
            Reading<StatFile> now = ProcTree.flatMap(read("", "stat"), StatFile::parse);
            return hasEnded(now) || now.observed().filter(StatFile::isExiting).isPresent();
        }

        private NamespaceSet namespaces(String files) {
            Map<NamespaceType, Reading<Long>> inodes = new EnumMap<>(NamespaceType.class);
            for (NamespaceType type : NAMESPACES) {
                inodes.put(type, namespace(files, type));
            }
            return new NamespaceSet(inodes);
        }

        private DirectoryMounts withThreads(DirectoryMounts own) {
            List<OfThread> differing = threadIds().observed().orElse(List.of()).stream()
                    .filter(tid -> tid != pid)
                    .map(tid -> new OfThread(tid, mount("task/" + tid + "/root"), mount("task/" + tid + "/cwd")))
                    .filter(own::differ)
                    .toList();
            return new DirectoryMounts(own.root(), own.workingDirectory(), differing);
        }

        private long mount(String link) {
            return tree.target(directory, link).map(FileId::mountId).orElse(0L);
        }

        private Reading<Long> namespace(String files, NamespaceType type) {
            String name = "ns/" + type.link();
            return ProcTree.flatMap(
                    tree.link(directory, files + name, source(files, name)), link -> NamespaceLinks.parse(type, link));
        }

        /**
         * AppArmor's own file answers for AppArmor alone. Where there is none, or where AppArmor is built in but not in force (EINVAL),
         * the common file answers for whichever module is; EINVAL of that is the kernel's word for "none".
         */
        private Reading<String> label(String files) {
            Reading<Content> content = read(files, "attr/apparmor/current");
            if (content instanceof Reading.Absent<Content> || isInvalid(content)) {
                content = read(files, "attr/current");
            }
            return isInvalid(content) ? absent(files, "attr/current") : ProcTree.flatMap(content, AttrCurrent::parse);
        }

        private static boolean isInvalid(Reading<Content> content) {
            return content instanceof Reading.Unreadable<Content> unreadable
                    && unreadable.why().equals("EINVAL");
        }

        private Reading<List<Integer>> threadIds() {
            return tree.threads(directory, source("", "task"));
        }

        /** The threads that are not as the leader. One whose status cannot be read makes the answer unreadable. */
        private Reading<List<ThreadSnapshot>> differingThreads(
                int threadCount, Reading<Credentials> leader, NamespaceSet leaders) {
            if (threadCount <= 1) {
                return Reading.of(List.of());
            }
            return ProcTree.flatMap(threadIds(), tids -> {
                List<ThreadSnapshot> differing = new ArrayList<>();
                for (int tid : tids) {
                    if (tid == pid) {
                        continue;
                    }
                    Reading<StatusFile> status =
                            read("task/" + tid + "/", "status").map(StatusFile::parse);
                    if (hasEnded(status)) {
                        continue;
                    }
                    Reading<Credentials> credentials = StatusFile.of(status).credentials();
                    if (credentials instanceof Reading.Observed<Credentials> observed) {
                        NamespaceSet namespaces = namespacesOf(tid, leaders);
                        boolean refused = isRefused(namespaces, leaders);
                        boolean differs = refused || isElsewhere(namespaces, leaders) || !leader.equals(credentials);
                        // A thread that has ended is refused too.
                        if (differs && !(refused && hasEnded(read("task/" + tid + "/", "stat")))) {
                            differing.add(new ThreadSnapshot(tid, observed.value(), namespaces));
                        }
                    } else {
                        return ProcTree.failure(credentials);
                    }
                }
                return Reading.of(differing);
            });
        }

        private NamespaceSet namespacesOf(int tid, NamespaceSet leaders) {
            return leaders.ofThread(type -> namespace("task/" + tid + "/", type));
        }

        /** Says some link of a thread why it cannot be read, and the leader's not the same? */
        private static boolean isRefused(NamespaceSet thread, NamespaceSet leaders) {
            return NAMESPACES.stream()
                    .anyMatch(type -> thread.inode(type) instanceof Reading.Unreadable<Long> refused
                            && !(leaders.inode(type) instanceof Reading.Unreadable<Long> leader
                                    && leader.why().equals(refused.why())));
        }

        /** A link that is not there says nothing: a thread on its way out leaves its namespaces. */
        private static boolean isElsewhere(NamespaceSet thread, NamespaceSet leaders) {
            return NAMESPACES.stream()
                    .anyMatch(type -> thread.inode(type) instanceof Reading.Observed<Long> own
                            && !own.equals(leaders.inode(type)));
        }

        private Reading<Content> read(String files, String name) {
            return tree.record(directory, files + name, source(files, name));
        }

        private String source(String files, String name) {
            return ProcessRecord.source(pid, files, name);
        }

        private <T> Reading<T> absent(String files, String name) {
            return new Reading.Absent<>(source(files, name));
        }
    }

    /** A kernel thread has namespaces, but they are nobody's choice, so they are not read. */
    static NamespaceSet noNamespaces(int pid) {
        Map<NamespaceType, Reading<Long>> inodes = new EnumMap<>(NamespaceType.class);
        for (NamespaceType type : NAMESPACES) {
            inodes.put(type, new Reading.Absent<>("/proc/" + pid + "/ns/" + type.link()));
        }
        return new NamespaceSet(inodes);
    }
}
