package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/** A process as the kernel shows it, for the rig's own certainty that a container is what it should be. See proc(5). */
record Proc(long pid) {
    /** The product judges a process two seconds after its start; half a second more for the tick. */
    private static final Duration SETTLED = Duration.ofMillis(2500);

    /** USER_HZ, which the kernel fixes at 100 on every architecture that the project supports. */
    private static final double TICKS_PER_SECOND = 100;

    Path file(String name) {
        return Path.of("/proc/" + pid, name);
    }

    boolean exists() {
        return Files.exists(file("stat"));
    }

    /** A line of {@code /proc/<pid>/status} without its key; empty if there is no such line. */
    String status(String key) {
        return lines("status").stream()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** The four ids of {@code Uid} or {@code Gid}: real, effective, saved, file system. */
    List<Long> ids(String key) {
        return numbers(status(key));
    }

    List<Long> groups() {
        return numbers(status("Groups"));
    }

    /** The AppArmor profile without its mode; empty if the process is under none. */
    Optional<String> appArmorProfile() {
        try {
            String label = Files.readString(file("attr/apparmor/current")).strip();
            return label.equals("unconfined") ? Optional.empty() : Optional.of(label.substring(0, label.indexOf(" (")));
        } catch (IOException e) {
            return Optional.empty(); // a kernel without AppArmor
        }
    }

    /** Such as {@code net:[4026531833]}. */
    String namespace(String type) {
        return link("ns/" + type);
    }

    String executable() {
        return link("exe");
    }

    /** The arguments, with blanks between them. */
    String commandLine() {
        try {
            return new String(Files.readAllBytes(file("cmdline")), StandardCharsets.UTF_8)
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    List<String> lines(String name) {
        try {
            return Files.readAllLines(file(name), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The options of the last mount at this point, field 6 of mountinfo: the ones of the mount, not of the file system. */
    List<String> mountOptions(String mountPoint) {
        return lines("mountinfo").stream()
                .map(line -> line.split(" ", -1))
                .filter(field -> field[4].equals(mountPoint))
                .reduce((first, second) -> second)
                .map(field -> List.of(field[5].split(",", -1)))
                .orElse(List.of());
    }

    Duration age() {
        try {
            String stat = Files.readString(file("stat"), StandardCharsets.ISO_8859_1);
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            double uptime =
                    Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", -1)[0]);
            return Duration.ofMillis((long) (1000 * (uptime - Long.parseLong(afterName[19]) / TICKS_PER_SECOND)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitSettled() {
        awaitAge(SETTLED);
    }

    void awaitAge(Duration age) {
        Awaitility.await("pid " + pid + " older than " + age)
                .atMost(age.plusSeconds(5))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> age().compareTo(age) > 0);
    }

    void awaitEnd() {
        Awaitility.await("end of pid " + pid)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !exists() || status("State").startsWith("Z"));
    }

    private String link(String name) {
        try {
            return Files.readSymbolicLink(file(name)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> numbers(String text) {
        return text.isEmpty()
                ? List.of()
                : List.of(text.split("\\s+", -1)).stream().map(Long::valueOf).toList();
    }
}
