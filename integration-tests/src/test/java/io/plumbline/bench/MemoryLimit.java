package io.plumbline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A cgroup in which a program may use so much memory and no more; version 1 or 2. */
record MemoryLimit(Path directory) implements AutoCloseable {

    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final Pattern LIMIT = Pattern.compile("limits:\\s+memory: (\\d+)Mi\\b");

    /**
     * The limit that the agent's container has in a cluster.
     *
     * @param manifest of the DaemonSet
     * @return MiB
     */
    static int of(Path manifest) throws BenchException, IOException {
        Matcher found = LIMIT.matcher(Files.readString(manifest));
        if (!found.find()) {
            throw new BenchException(manifest + " has no limits: memory: <n>Mi");
        }
        return Integer.parseInt(found.group(1));
    }

    static MemoryLimit make(int mib) throws BenchException, IOException {
        boolean first = Files.isDirectory(MOUNT.resolve("memory"));
        Path parent = first ? MOUNT.resolve("memory") : MOUNT;
        Path directory =
                parent.resolve("plumbline-bench-" + ProcessHandle.current().pid());
        try {
            Files.createDirectory(directory);
            Files.writeString(
                    directory.resolve(first ? "memory.limit_in_bytes" : "memory.max"), Long.toString((long) mib << 20));
        } catch (IOException e) {
            Files.deleteIfExists(directory);
            throw new BenchException("no cgroup with a memory limit can be made (" + e.getMessage()
                    + "); it needs root and the memory controller");
        }
        return new MemoryLimit(directory);
    }

    /** What goes before the words of a program that is to run in it, under the pid of the first of them. */
    List<String> words() {
        return List.of(
                "/bin/sh",
                "-c",
                "echo $$ >\"$0\" && exec \"$@\"",
                directory.resolve("cgroup.procs").toString());
    }

    /** Those that are in it still have to end first. */
    @Override
    public void close() throws BenchException, IOException {
        for (int tries = 0; tries < 100; tries++) {
            try (Stream<String> left = Files.lines(directory.resolve("cgroup.procs"))) {
                if (left.findAny().isEmpty()) {
                    Files.deleteIfExists(directory);
                    return;
                }
            }
            Pause.of(TimeUnit.MILLISECONDS, 100);
        }
    }
}
