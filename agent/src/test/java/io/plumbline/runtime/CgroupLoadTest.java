package io.plumbline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.NodeLoad;
import io.plumbline.model.NodeLoad.CgroupUse;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the cgroups below the root use, in the files of both versions. */
class CgroupLoadTest {

    @TempDir
    private Path root;

    private final AtomicLong now = new AtomicLong();

    @BeforeEach
    void machine() throws IOException {
        write("proc/meminfo", "MemTotal:       24684084 kB\nMemFree:        11240972 kB\n");
        write("sys/devices/system/cpu/online", "0-1,4\n");
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void v2(String name, long memory, long inactive, long micros) throws IOException {
        String directory = "sys/fs/cgroup/" + name + "/";
        write(directory + "memory.current", memory + "\n");
        write(
                directory + "memory.stat",
                "anon 4096\nfile 8192\nactive_file 100\ninactive_file " + inactive + "\nslab 1\n");
        write(
                directory + "cpu.stat",
                "usage_usec " + micros
                        + "\nuser_usec 1\nsystem_usec 2\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n");
    }

    private NodeLoad read(CgroupLoad load) {
        return load.read().observed().orElseThrow();
    }

    private static CgroupUse use(NodeLoad load, String name) {
        return load.cgroups().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void versionTwoIsReadWithoutTheCacheThatCanBeGivenUp() throws IOException {
        write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
        write("sys/fs/cgroup/cgroup.procs", "1\n");
        v2("system.slice", 300, 100, 5);
        v2("miner", 4096, 0, 5);

        NodeLoad load = read(new CgroupLoad(root, now::get));

        assertThat(load.memory()).isEqualTo(24684084L * 1024);
        assertThat(load.cpus()).isEqualTo(3);
        assertThat(load.cgroups()).extracting(CgroupUse::name).containsExactly("miner", "system.slice");
        assertThat(use(load, "system.slice").memory()).isEqualTo(200);
        assertThat(use(load, "miner").memorySource()).isEqualTo("/sys/fs/cgroup/miner/memory.current");
    }

    @Test
    void cpusAreKnownFromTheSecondReadingOn() throws IOException {
        write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
        v2("miner", 1, 0, 1_000_000);
        CgroupLoad load = new CgroupLoad(root, now::get);
        assertThat(use(read(load), "miner").cpus()).isEmpty();

        now.addAndGet(Duration.ofSeconds(10).toNanos());
        v2("miner", 1, 0, 16_000_000);
        assertThat(use(read(load), "miner").cpus()).contains(1.5);

        // Too soon to say: what was said holds, and the reading before stays the beginning.
        now.addAndGet(Duration.ofMillis(500).toNanos());
        v2("miner", 2, 0, 16_900_000);
        assertThat(use(read(load), "miner").cpus()).contains(1.5);
        assertThat(use(read(load), "miner").memory()).isEqualTo(1);
        now.addAndGet(Duration.ofMillis(9500).toNanos());
        v2("miner", 1, 0, 17_000_000);
        assertThat(use(read(load), "miner").cpus()).contains(0.1);
    }

    @Test
    void versionOneHasItsCountersElsewhere() throws IOException {
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "999\n");
        write("sys/fs/cgroup/memory/miner/memory.usage_in_bytes", "5000\n");
        write("sys/fs/cgroup/memory/miner/memory.stat", "cache 0\ninactive_file 7\ntotal_inactive_file 1000\n");
        write("sys/fs/cgroup/cpuacct/miner/cpuacct.usage", "1000000000\n");
        CgroupLoad load = new CgroupLoad(root, now::get);
        read(load);
        now.addAndGet(Duration.ofSeconds(5).toNanos());
        write("sys/fs/cgroup/cpuacct/miner/cpuacct.usage", "3500000000\n");

        CgroupUse miner = use(read(load), "miner");
        assertThat(miner.memory()).isEqualTo(4000);
        assertThat(miner.cpus()).contains(0.5);
        assertThat(miner.cpuSource()).isEqualTo("/sys/fs/cgroup/cpuacct/miner/cpuacct.usage");
    }

    @Test
    void treeWithoutCgroupsSaysNothing() {
        assertThat(new CgroupLoad(root, now::get).read()).isInstanceOf(Reading.Absent.class);
    }

    @Test
    void malformedCounterIsUnreadable() throws IOException {
        write("sys/fs/cgroup/cgroup.controllers", "memory\n");
        write("sys/fs/cgroup/miner/memory.current", "many\n");

        assertThat(new CgroupLoad(root, now::get).read()).isInstanceOf(Reading.Unreadable.class);
    }

    @Test
    void thisMachinesOwnCgroupsAreRead() {
        Reading<NodeLoad> load = new CgroupLoad(Path.of("/"), System::nanoTime).read();

        assertThat(load.trouble().filter(trouble -> !trouble.contains("absent")))
                .isEqualTo(Optional.empty());
        load.observed().ifPresent(seen -> {
            assertThat(seen.memory()).isGreaterThan(1 << 26);
            assertThat(seen.cpus()).isPositive();
        });
    }
}
