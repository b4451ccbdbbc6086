package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.FileId;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * An open {@code /proc}: turns what system calls return into readings under the kernel's own names of the files.
 *
 * <p>A missing file is absent; every other error is unreadable with the errno's name.
 */
final class ProcTree implements AutoCloseable {

    /** No file of the kernel is read beyond this. */
    private static final int FILE_LIMIT = 64 << 20;

    private final Path path;
    private final KernelFiles files;
    private final int root;
    private final boolean live;

    private ProcTree(Path path, KernelFiles files, int root, boolean live) {
        this.path = path;
        this.files = files;
        this.root = root;
        this.live = live;
    }

    /**
     * Opens a tree.
     *
     * @throws IOException if it cannot be listed, or names no process
     */
    static ProcTree open(Path proc) throws IOException {
        KernelFiles files = kernelFiles();
        int root = files.openDirectory(KernelFiles.NOWHERE, KernelFiles.byteString(proc));
        if (root < 0) {
            throw new IOException(proc + ": " + Errno.name(-root));
        }
        ProcTree tree = new ProcTree(proc, files, root, files.isProcfs(root));
        try {
            if (!tree.namesProcesses()) {
                throw new IOException(proc + ": names no process, so it is no /proc");
            }
        } catch (IOException e) {
            tree.close();
            throw e;
        }
        return tree;
    }

    /** The top of a procfs has this link, whoever looks: to list all of it would take as long as a small scan. */
    private boolean namesProcesses() throws IOException {
        return live ? files.status(root, "self", false) == 0 : !pids().isEmpty();
    }

    private static KernelFiles kernelFiles() throws IOException {
        try {
            return new KernelFiles();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Is it a mounted procfs, whose answers change, rather than a captured tree? */
    boolean isLive() {
        return live;
    }

    KernelFiles files() {
        return files;
    }

    @Override
    public void close() {
        files.close(root);
    }

    /**
     * The processes, by pid.
     *
     * @throws IOException if the tree cannot be listed any more
     */
    List<Integer> pids() throws IOException {
        List<String> names = new ArrayList<>();
        int error = files.listDirectories(root, ".", names);
        if (error < 0) {
            throw new IOException(path + ": " + Errno.name(-error));
        }
        return numbers(names);
    }

    /** The threads below an open process directory. */
    Reading<List<Integer>> threads(int process, String source) {
        List<String> names = new ArrayList<>();
        int error = files.listDirectories(process, "task", names);
        return error < 0 ? failed(source, error) : Reading.of(numbers(names));
    }

    private static List<Integer> numbers(List<String> names) {
        List<Integer> numbers = new ArrayList<>(names.size());
        for (String name : names) {
            Cursor cursor = Content.of("", name).cursor();
            long number = name.startsWith("0") ? Cursor.NONE : cursor.decimal(Integer.MAX_VALUE);
            if (number != Cursor.NONE && cursor.atEnd()) {
                numbers.add((int) number);
            }
        }
        // procfs lists in order, a captured tree does not.
        Collections.sort(numbers);
        return numbers;
    }

    /** A descriptor of {@code /proc/<pid>}, bound to that process while it lives; or {@code -errno}. */
    int openProcess(int pid) {
        return files.openDirectoryHere(root, Integer.toString(pid));
    }

    void close(int descriptor) {
        files.close(descriptor);
    }

    /** Is this how a process answers that has ended? */
    static boolean isGone(int result) {
        return result == -Errno.ENOENT || result == -Errno.ESRCH;
    }

    /**
     * Asks something of one process and no other.
     *
     * @param question gets the descriptor of its directory
     * @return the answer; unreadable with ESRCH where the process has ended or its pid is another's now
     */
    <T> Reading<T> ask(ProcessKey key, IntFunction<Reading<T>> question) {
        String source = "/proc/" + key.pid() + "/stat";
        int process = openProcess(key.pid());
        if (process < 0) {
            return new Reading.Unreadable<>(source, Errno.name(isGone(process) ? Errno.ESRCH : -process));
        }
        try {
            Reading<StatFile> stat = flatMap(record(process, "stat", source), StatFile::parse);
            if (stat instanceof Reading.Unreadable<StatFile>) {
                // ESRCH, or this reader's own trouble: then nothing is known of the process, not that it has ended.
                return failure(stat);
            }
            if (stat.observed()
                    .filter(now -> now.startTicks() == key.startTicks())
                    .isEmpty()) {
                return new Reading.Unreadable<>(source, Errno.name(Errno.ESRCH));
            }
            return question.apply(process);
        } finally {
            files.close(process);
        }
    }

    /** Did {@link #ask} find the process no more? */
    static boolean hasEnded(Reading<?> answer) {
        return answer instanceof Reading.Unreadable<?> unreadable
                && unreadable.why().equals(Errno.name(Errno.ESRCH));
    }

    /** A file of the tree itself, {@code stat} for {@code /proc/stat}. */
    Reading<Content> file(String name) {
        return record(root, name, "/proc/" + name);
    }

    /** A file of the tree itself that comes in many pieces. */
    Reading<Content> whole(String name) {
        return all(root, name, "/proc/" + name);
    }

    /** A link of the tree itself, or of one of its processes. */
    Reading<Content> link(String name) {
        return link(root, name, "/proc/" + name);
    }

    /** A file that comes in one piece. */
    Reading<Content> record(int directory, String name, String source) {
        return content(source, files.readRecord(directory, name, FILE_LIMIT));
    }

    /** The first bytes of such a file. */
    Reading<Content> start(int directory, String name, String source, int limit) {
        return content(source, files.readRecord(directory, name, limit));
    }

    /** A file that comes in many pieces. */
    Reading<Content> all(int directory, String name, String source) {
        return content(source, files.readAll(directory, name, FILE_LIMIT));
    }

    Reading<Content> link(int directory, String name, String source) {
        return content(source, files.readLink(directory, name));
    }

    /** The file that a magic link of a live procfs leads to; nothing in a captured tree, whose links lead anywhere. */
    Optional<FileId> target(int directory, String name) {
        return live && files.status(directory, name, true) == 0
                ? Optional.of(files.lastStatus().id())
                : Optional.empty();
    }

    /** Is there something of this name below the tree? */
    boolean exists(String name) {
        return files.status(root, name, false) == 0;
    }

    private Reading<Content> content(String source, int result) {
        if (result < 0) {
            return failed(source, result);
        }
        if (result == FILE_LIMIT) {
            return failed(source, -Errno.EFBIG);
        }
        return Reading.of(new Content(source, files.bytes(), result));
    }

    static <T> Reading<T> failed(String source, int result) {
        return result == -Errno.ENOENT
                ? new Reading.Absent<>(source)
                : new Reading.Unreadable<>(source, Errno.name(-result));
    }

    /** A reading that is not observed, as the answer to another question. */
    static <T> Reading<T> failure(Reading<?> reading) {
        return reading instanceof Reading.Unreadable<?> unreadable
                ? new Reading.Unreadable<>(unreadable.source(), unreadable.why())
                : new Reading.Absent<>(((Reading.Absent<?>) reading).source());
    }

    /** Goes on with what was observed; absent and unreadable stay what they are. */
    static <A, B> Reading<B> flatMap(Reading<A> reading, Function<A, Reading<B>> next) {
        return reading instanceof Reading.Observed<A> observed ? next.apply(observed.value()) : failure(reading);
    }
}
