package io.plumbline.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the figures depend on. */
final class Machine {

    private Machine() {}

    static boolean isRoot() throws IOException {
        return field(Path.of("/proc/self/status"), "Uid:")
                .filter(ids -> ids.split("\\s+", -1)[1].equals("0"))
                .isPresent();
    }

    /** Processor, memory, kernel, cgroups and label, Java: a line each. */
    static String describe() throws IOException {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        String processor = field(cpuinfo, "model name\t:")
                .or(() -> Optional.ofNullable(System.getProperty("os.arch")))
                .orElseThrow();
        long memory = field(Path.of("/proc/meminfo"), "MemTotal:")
                .map(text -> Long.parseLong(text.replace("kB", "").strip()) >> 20)
                .orElse(0L);
        String cgroup = Files.readString(Path.of("/proc/self/cgroup")).strip();
        long hierarchies = cgroup.lines().count();
        return "machine   %d x %s, %d GiB, load %s%n"
                        .formatted(Runtime.getRuntime().availableProcessors(), processor, memory, load())
                + "kernel    Linux %s, /proc/PID/cgroup has %d line%s, security modules: %s%n"
                        .formatted(
                                System.getProperty("os.version"), hierarchies, hierarchies == 1 ? "" : "s", modules())
                + "java      %s %s, %s"
                        .formatted(
                                System.getProperty("java.vm.name"),
                                System.getProperty("java.runtime.version"),
                                System.getProperty("java.vm.info"));
    }

    /** Of the last minute. */
    static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    }

    private static String modules() {
        try {
            return Files.readString(Path.of("/sys/kernel/security/lsm")).strip();
        } catch (IOException e) {
            return "unknown (no /sys/kernel/security/lsm here)";
        }
    }

    private static Optional<String> field(Path file, String name) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .map(line -> line.substring(name.length()).strip());
    }
}
