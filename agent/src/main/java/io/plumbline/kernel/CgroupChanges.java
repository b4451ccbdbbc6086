package io.plumbline.kernel;

import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel tells of cgroups, inotify(7): one was made, or somebody wrote to its {@code cgroup.procs}. That is how a living process
 * comes into another cgroup, and no event of the process says so. Children are born where their parents are, and programs run where they
 * are begun: those are the events of processes.
 *
 * <p>A process that is moved just while the directories are gone through at the beginning is seen by the next scan. One thread at a time.
 */
public final class CgroupChanges implements AutoCloseable {

    /** Directories in all; each takes a kilobyte of kernel memory, out of fs.inotify.max_user_watches. What is above is seen by scans. */
    private static final int MOST = 8192;

    /** How many may be watched before those that are over are looked for the first time. */
    private static final int FEW = 64;

    /** Where no more can be watched, those that are over are looked for this often at most. */
    private static final Duration UNTIL_LET_GO_AGAIN = Duration.ofSeconds(10);

    /** Directories that are asked before the answer is given: the next ones wait for the next call. */
    private static final int MOST_AT_ONCE = 512;

    /** The files of a cgroup that are written, or change by themselves, when somebody comes: cgroups(7). */
    private static final Set<String> OF_MEMBERS = Set.of("cgroup.procs", "cgroup.threads", "cgroup.events", "tasks");

    private static final int[] NOBODY = {};

    private static final Logger LOG = LoggerFactory.getLogger(CgroupChanges.class);

    private final WatchService inotify;
    private final List<Path> mounts;
    /** Their pids, ascending. */
    private final Map<WatchKey, int[]> members = new HashMap<>();
    /** Those whose members could not be read, for want of descriptors perhaps. */
    private final Set<WatchKey> toAskAgain = new LinkedHashSet<>();

    private boolean begun;
    private boolean full;
    private int letGoAt = FEW;
    private long letGo = System.nanoTime();

    /** @param mounts directories of cgroup file systems */
    CgroupChanges(List<Path> mounts) throws IOException {
        this.mounts = List.copyOf(mounts);
        this.inotify = FileSystems.getDefault().newWatchService();
    }

    /**
     * Watches nothing yet.
     *
     * @throws IOException if there is nothing to watch, or the kernel refuses; the message says why
     */
    public static CgroupChanges of(ProcRoot root) throws IOException {
        Reading<MountTable> table;
        try (ProcTree tree = ProcTree.open(root.proc())) {
            table = ProcTree.flatMap(tree.whole("1/mountinfo"), MountInfoFile::parse);
        }
        if (table instanceof Reading.Unreadable<MountTable> unreadable) {
            throw new IOException(unreadable.source() + ": " + unreadable.why());
        }
        List<Path> mounts = table.observed().map(found -> mounts(root, found)).orElse(List.of());
        if (mounts.isEmpty()) {
            throw new IOException("none of the node's cgroup file systems is to be found here");
        }
        return new CgroupChanges(mounts);
    }

    /** One mount of each hierarchy, where it can be reached from here. */
    private static List<Path> mounts(ProcRoot root, MountTable table) {
        List<String> bases = new ArrayList<>();
        root.hostRoot().map(KernelFiles::byteString).ifPresent(bases::add);
        bases.add(KernelFiles.byteString(root.proc()) + "/1/root");
        bases.add("");
        List<Path> found = new ArrayList<>();
        Set<String> devices = new HashSet<>();
        for (Mount mount : table.mounts()) {
            if (mount.fileSystemType().startsWith("cgroup") && mount.root().equals("/")) {
                bases.stream()
                        .filter(base -> (base + mount.mountPoint()).chars().allMatch(letter -> letter < 0x80))
                        .map(base -> Path.of(base + mount.mountPoint()))
                        .filter(directory -> Files.exists(directory.resolve("cgroup.procs")))
                        .findFirst()
                        .filter(directory -> devices.add(mount.device()))
                        .ifPresent(found::add);
            }
        }
        return found;
    }

    /**
     * Waits until a process comes into a cgroup.
     *
     * @param longest how long to wait
     * @return pids in the reader's pid namespace of those that did; some of them were perhaps there before
     */
    public Set<Integer> next(Duration longest) throws InterruptedException {
        if (!begun) {
            begun = true;
            mounts.forEach(mount -> watch(mount, new HashSet<>()));
        }
        Set<Integer> came = new HashSet<>();
        List<WatchKey> again = List.copyOf(toAskAgain);
        toAskAgain.clear();
        for (WatchKey key : again) {
            came.addAll(newcomers(key));
            below(key).forEach(directory -> watch(directory, came));
        }
        WatchKey key = inotify.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
        for (int asked = 1; key != null; asked++) {
            take(key, came);
            key = asked < MOST_AT_ONCE ? inotify.poll() : null;
        }
        return came;
    }

    private void take(WatchKey key, Set<Integer> came) {
        boolean touched = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            if (event.context() instanceof Path name) {
                if (event.kind().equals(StandardWatchEventKinds.ENTRY_CREATE)) {
                    watch(directory(key).resolve(name), came);
                }
                touched |= OF_MEMBERS.contains(name.toString());
            } else {
                // More happened than the kernel, or the queue, could keep.
                touched = true;
                below(key).forEach(directory -> watch(directory, came));
            }
        }
        if (!key.reset()) {
            members.remove(key);
        } else if (touched) {
            came.addAll(newcomers(key));
        }
    }

    private static Path directory(WatchKey key) {
        return (Path) key.watchable();
    }

    /** With everything below it, which may be as deep as a workload likes. Who is there already has come too. */
    private void watch(Path top, Set<Integer> came) {
        if (full && System.nanoTime() - letGo > UNTIL_LET_GO_AGAIN.toNanos()) {
            full = !letGoOfThoseThatAreOver();
        }
        Deque<Path> waiting = new ArrayDeque<>(List.of(top));
        while (!waiting.isEmpty() && !full) {
            Path directory = waiting.removeLast();
            if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                register(directory).ifPresent(key -> {
                    came.addAll(newcomers(key));
                    waiting.addAll(below(key));
                });
            }
        }
    }

    /** Empty where it was watched before, is gone, or cannot be. */
    private Optional<WatchKey> register(Path directory) {
        if (members.size() >= Math.min(letGoAt, MOST)) {
            letGoOfThoseThatAreOver();
            letGoAt = Math.max(FEW, 2 * members.size());
        }
        if (members.size() >= MOST) {
            refuse("there are more than " + MOST);
            return Optional.empty();
        }
        try {
            WatchKey key = directory.register(
                    inotify, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            return members.putIfAbsent(key, NOBODY) == null ? Optional.of(key) : Optional.empty();
        } catch (NoSuchFileException | NotDirectoryException e) {
            LOG.debug("gone again", e);
        } catch (IOException e) {
            refuse(String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    /**
     * The watch of a directory of this file system outlives it, and nothing tells that it is over. Asked whenever there are twice as many as
     * there were alive, so that there are never more than that.
     *
     * @return there were some
     */
    private boolean letGoOfThoseThatAreOver() {
        letGo = System.nanoTime();
        boolean any = members.keySet().removeIf(key -> {
            boolean over = !Files.isDirectory(directory(key), LinkOption.NOFOLLOW_LINKS);
            if (over) {
                key.cancel();
            }
            return over;
        });
        toAskAgain.retainAll(members.keySet());
        return any;
    }

    /** How many directories are watched. */
    int size() {
        return members.size();
    }

    private void refuse(String why) {
        full = true;
        LOG.warn("no more cgroups can be watched, processes that move into new ones are seen only by scans: {}", why);
    }

    /** The directories in a watched one. */
    private List<Path> below(WatchKey key) {
        List<Path> below = new ArrayList<>();
        try {
            // A directory has as many links as directories in it, and two: no need to go through the files of most of
            // them.
            if (Files.getAttribute(directory(key), "unix:nlink") instanceof Integer links && links > 2) {
                try (DirectoryStream<Path> all = Files.newDirectoryStream(directory(key))) {
                    all.forEach(below::add);
                }
            }
        } catch (IOException e) {
            askAgainIfShort(key, e);
        } catch (DirectoryIteratorException e) {
            askAgainIfShort(key, e.getCause());
        }
        return below;
    }

    /** Only for want of descriptors: a cgroup of threads never says what is in it, and one that is gone will not. */
    private void askAgainIfShort(WatchKey key, @Nullable Throwable why) {
        if (why instanceof FileSystemException error
                && String.valueOf(error.getReason()).startsWith("Too many open files")) {
            toAskAgain.add(key);
        }
    }

    private Set<Integer> newcomers(WatchKey key) {
        try {
            int[] now = pids(Files.readAllBytes(directory(key).resolve("cgroup.procs")));
            int[] before = Objects.requireNonNullElse(members.put(key, now), NOBODY);
            Set<Integer> newcomers = new HashSet<>();
            for (int pid : now) {
                if (Arrays.binarySearch(before, pid) < 0) {
                    newcomers.add(pid);
                }
            }
            return newcomers;
        } catch (IOException e) {
            askAgainIfShort(key, e);
        }
        return Set.of();
    }

    /**
     * Those that the file names, ascending; without 0, which is a process of another pid namespace.
     *
     * @throws IOException if it is no cgroup's file
     */
    private static int[] pids(byte[] file) throws IOException {
        IntStream.Builder pids = IntStream.builder();
        for (Cursor lines = new Cursor(file, 0, file.length); !lines.atEnd(); ) {
            long pid = lines.until('\n').onlyDecimal(Integer.MAX_VALUE);
            if (pid == Cursor.NONE) {
                throw new IOException("cgroup.procs: " + Content.NOT_IN_FORM);
            }
            if (pid > 0) {
                pids.add((int) pid);
            }
        }
        return pids.build().sorted().toArray();
    }

    @Override
    public void close() {
        try {
            inotify.close();
        } catch (IOException e) {
            LOG.debug("close", e);
        }
    }
}
