package io.plumbline.runtime;

import io.plumbline.model.NodeLoad;
import io.plumbline.model.NodeLoad.CgroupUse;
import io.plumbline.model.Reading;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Reads what each cgroup directly below the root uses, of version 2 and of version 1: cgroups(7), and the kernel's documents cgroup-v2 and
 * cgroup-v1/memory, cgroup-v1/cpuacct. Remembers the last reading, because the kernel counts CPU time from the cgroup's beginning on, and
 * because it adds up the counters of all cgroups below one each time somebody asks.
 */
public final class CgroupLoad {

    private static final String ROOT = "/sys/fs/cgroup";
    private static final int LONGEST = 1 << 20;

    /** Between two readings. What was used in a shorter time says little. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    private final HostFiles files;
    private final LongSupplier nanoTime;
    private final Map<String, Long> lastCpu = new HashMap<>();
    private Optional<Long> lastTime = Optional.empty();
    private Reading<NodeLoad> last = new Reading.Absent<>(ROOT);

    /**
     * A reader of one node.
     *
     * @param root where the node's root is
     * @param nanoTime what time it is, in nanoseconds from any beginning
     */
    public CgroupLoad(Path root, LongSupplier nanoTime) {
        this.files = new HostFiles(root);
        this.nanoTime = nanoTime;
    }

    /** Where a version has its counters. */
    private record Place(
            String memoryRoot,
            String memory,
            String memoryStat,
            String inactive,
            String cpuRoot,
            String cpu,
            boolean v2) {}

    private static final Place V2 =
            new Place(ROOT, "memory.current", "memory.stat", "inactive_file", ROOT, "cpu.stat", true);
    private static final Place V1 = new Place(
            ROOT + "/memory",
            "memory.usage_in_bytes",
            "memory.stat",
            "total_inactive_file",
            ROOT + "/cpuacct",
            "cpuacct.usage",
            false);

    /** Absent where there are no cgroups, as in a captured tree. Asked again soon it says the same. */
    public Reading<NodeLoad> read() {
        long now = nanoTime.getAsLong();
        Optional<Duration> elapsed = lastTime.map(then -> Duration.ofNanos(now - then));
        if (elapsed.isEmpty() || elapsed.get().compareTo(SHORTEST) >= 0) {
            last = read(elapsed);
            lastTime = Optional.of(now);
        }
        return last;
    }

    private Reading<NodeLoad> read(Optional<Duration> elapsed) {
        files.beginLook();
        try {
            Optional<String> memory = text("/proc/meminfo");
            Optional<Long> total = memory.flatMap(text -> field(text, "MemTotal:"));
            Optional<String> online = text("/sys/devices/system/cpu/online");
            Place place = files.realPath(ROOT + "/cgroup.controllers").isPresent() ? V2 : V1;
            List<String> names = files.list(place.memoryRoot());
            if (total.isEmpty() || online.isEmpty() || names.isEmpty()) {
                return new Reading.Absent<>(ROOT);
            }
            return Reading.of(new NodeLoad(total.get() * 1024, cpus(online.get()), uses(place, names, elapsed)));
        } catch (HostFiles.UnreadableException e) {
            return new Reading.Unreadable<>(e.path(), e.why());
        } catch (NumberFormatException e) {
            return new Reading.Unreadable<>(ROOT, "malformed: " + e.getMessage());
        }
    }

    private List<CgroupUse> uses(Place place, List<String> names, Optional<Duration> elapsed)
            throws HostFiles.UnreadableException {
        List<CgroupUse> uses = new ArrayList<>();
        Map<String, Long> cpuNow = new HashMap<>();
        for (String name : new TreeSet<>(names)) {
            String memoryFile = place.memoryRoot() + "/" + name + "/" + place.memory();
            Optional<String> memory = text(memoryFile);
            if (memory.isEmpty()) {
                continue; // a file of the root, or a cgroup without this controller, or gone
            }
            long cache = text(place.memoryRoot() + "/" + name + "/" + place.memoryStat())
                    .flatMap(text -> field(text, place.inactive()))
                    .orElse(0L);
            String cpuFile = place.cpuRoot() + "/" + name + "/" + place.cpu();
            Optional<Long> cpu = text(cpuFile)
                    .flatMap(text -> place.v2()
                            ? field(text, "usage_usec").map(micros -> micros * 1000)
                            : Optional.of(Long.parseLong(text.strip())));
            cpu.ifPresent(nanos -> cpuNow.put(name, nanos));
            Optional<Double> busy = elapsed.flatMap(time -> cpu.filter(used -> lastCpu.containsKey(name))
                    .map(used -> (double) (used - lastCpu.getOrDefault(name, used)) / time.toNanos()));
            long bytes = Long.parseLong(memory.get().strip());
            uses.add(new CgroupUse(name, Math.max(0, bytes - cache), memoryFile, busy, cpuFile));
        }
        lastCpu.clear();
        lastCpu.putAll(cpuNow);
        return uses;
    }

    private Optional<String> text(String path) throws HostFiles.UnreadableException {
        return files.read(path, LONGEST).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** The number after the name at the beginning of a line. */
    private static Optional<Long> field(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.split("\\s+"))
                .filter(words -> words.length > 1 && words[0].equals(name))
                .map(words -> Long.parseLong(words[1]))
                .findFirst();
    }

    /** {@code 0-3,5} are five. */
    private static int cpus(String online) {
        int count = 0;
        for (String range : online.strip().split(",", -1)) {
            int hyphen = range.indexOf('-');
            count += hyphen < 0
                    ? 1
                    : Integer.parseInt(range.substring(hyphen + 1)) - Integer.parseInt(range.substring(0, hyphen)) + 1;
        }
        return count;
    }
}
