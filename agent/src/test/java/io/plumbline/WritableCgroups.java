package io.plumbline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real cgroup file system of this machine, of whichever version, in which a test may make cgroups. */
public final class WritableCgroups {

    private WritableCgroups() {}

    /** Skips the test where there is none. */
    public static Path mount() {
        Optional<Path> mount = Stream.of("/sys/fs/cgroup/unified", "/sys/fs/cgroup/memory", "/sys/fs/cgroup")
                .map(Path::of)
                .filter(directory -> Files.exists(directory.resolve("cgroup.procs")) && Files.isWritable(directory))
                .findFirst();
        Assumptions.assumeTrue(mount.isPresent(), "no cgroup can be made here");
        return mount.orElseThrow();
    }
}
