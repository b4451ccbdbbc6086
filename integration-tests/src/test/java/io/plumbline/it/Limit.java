package io.plumbline.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** A control group for one controller, version 1 or 2. */
record Limit(Path directory) {
    static Limit of(String controller, Undo undo) throws IOException {
        Path mount = Path.of("/sys/fs/cgroup");
        Path own = Files.isDirectory(mount.resolve(controller)) ? mount.resolve(controller) : mount;
        Machine.needs(
                !own.equals(mount)
                        || Files.readString(mount.resolve("cgroup.subtree_control"))
                                .contains(controller),
                "the cgroup controller " + controller);
        Path directory =
                own.resolve("plumbline-faults-" + ProcessHandle.current().pid());
        Files.createDirectory(directory);
        undo.add(
                "cgroup " + directory,
                () -> await().atMost(Duration.ofSeconds(60)).until(() -> {
                    try (Stream<String> left = Files.lines(directory.resolve("cgroup.procs"))) {
                        for (String pid : left.toList()) {
                            Files.writeString(own.resolve("cgroup.procs"), pid);
                        }
                    }
                    return directory.toFile().delete();
                }));
        return new Limit(directory);
    }

    Limit set(String file, String value) throws IOException {
        if (Files.exists(directory.resolve(file))) {
            Files.writeString(directory.resolve(file), value);
        } else if (file.equals("cpu.cfs_quota_us")) {
            Files.writeString(directory.resolve("cpu.max"), value + " 100000");
        }
        return this;
    }

    void apply(long pid) throws IOException {
        Files.writeString(directory.resolve("cgroup.procs"), Long.toString(pid));
    }
}
