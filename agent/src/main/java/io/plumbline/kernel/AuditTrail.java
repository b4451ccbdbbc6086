package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the kernel logged of AppArmor profiles: auditd's {@code /var/log/audit/audit.log} with its older ones, or the kernel's own log,
 * {@code /dev/kmsg} (Documentation/ABI/testing/dev-kmsg). The kernel sends what it has to say to one of them, and of neither is it known
 * that it was that one, but by what stands in it: the line of the profile's load goes the same way as those of what it denies.
 */
public final class AuditTrail {

    static final String AUDITD = "/var/log/audit/audit.log";
    static final String KERNEL = "/dev/kmsg";

    /** auditd keeps five of 8 MiB, if not told otherwise. */
    private static final int OLDER = 20;

    private static final int LONGEST_RECORD = 32 << 10;

    /** What the kernel says where it did not write all that it had to say (kernel/audit.c, lib/ratelimit.c). */
    private static final List<String> HELD_BACK = List.of(
            "audit_printk_skb:",
            "kauditd_printk_skb:",
            "audit: audit_lost=",
            "audit: rate limit exceeded",
            "audit: backlog limit exceeded");

    private final Path root;

    /** @param hostRoot where the node's root is */
    public AuditTrail(Path hostRoot) {
        this.root = hostRoot;
    }

    /**
     * Reads the logs from their beginning.
     *
     * @param names of profiles
     * @return by name; unreadable where no log holds the line of the profile's load: it is not known how much is missing
     */
    public Map<String, Reading<ProfileEvents>> of(Collection<String> names) {
        Reading<Instant> boot = boot();
        Map<String, Reading<ProfileEvents>> found = new TreeMap<>();
        if (!(boot instanceof Reading.Observed<Instant> started)) {
            names.forEach(name -> found.put(
                    name, new Reading.Unreadable<>("/proc/stat", boot.trouble().orElse("says no time of boot"))));
            return found;
        }
        EventTally auditd = new EventTally(AUDITD, names, started.value());
        EventTally kernel = new EventTally(KERNEL, names, started.value());
        readAuditd(auditd);
        readKernel(kernel);
        for (String name : names) {
            found.put(
                    name,
                    auditd.of(name)
                            .or(() -> kernel.of(name))
                            .<Reading<ProfileEvents>>map(Reading::of)
                            .orElseGet(() -> new Reading.Unreadable<>(
                                    KERNEL + " and " + AUDITD, kernel.why() + "; " + auditd.why())));
        }
        return found;
    }

    private Reading<Instant> boot() {
        HostRoot host = new HostRoot(
                new KernelFiles(), Optional.of(root.toString().equals("/") ? "" : KernelFiles.byteString(root)));
        return ProcTree.flatMap(host.file("/proc/stat"), ProcStatFile::bootTime);
    }

    private void readAuditd(EventTally tally) {
        List<Path> files = new ArrayList<>();
        Path newest = root.resolve(AUDITD.substring(1));
        for (int age = OLDER; age > 0; age--) {
            Path older = newest.resolveSibling(newest.getFileName() + "." + age);
            if (Files.isRegularFile(older)) {
                files.add(older);
            }
        }
        files.add(newest);
        for (Path file : files) {
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    auditdLine(line, tally);
                }
            } catch (IOException e) {
                tally.failed(
                        e instanceof NoSuchFileException
                                ? "no such file"
                                : e instanceof AccessDeniedException ? "EACCES" : String.valueOf(e.getMessage()));
                return;
            }
        }
    }

    private static void auditdLine(String line, EventTally tally) {
        AppArmorEvent.parse(line).ifPresent(tally::add);
        if (line.startsWith("type=DAEMON_END") || line.startsWith("type=DAEMON_ABORT")) {
            tally.lost();
        }
    }

    /** One record with each read(2), and EAGAIN at the end; EPIPE where the next one was overwritten just now. */
    private void readKernel(EventTally tally) {
        KernelFiles files = new KernelFiles();
        int opened = files.openToWait(KernelFiles.NOWHERE, KernelFiles.byteString(root.resolve(KERNEL.substring(1))));
        if (opened < 0) {
            tally.failed(Errno.name(-opened));
            return;
        }
        try {
            while (true) {
                int length = files.readOnce(opened, LONGEST_RECORD);
                if (length > 0) {
                    record(files.byteString(length), tally);
                } else if (length != -Errno.EPIPE) {
                    if (length != 0 && length != -Errno.EAGAIN) {
                        tally.failed(Errno.name(-length));
                    }
                    return;
                }
            }
        } finally {
            files.close(opened);
        }
    }

    /** {@code priority,number,microseconds,flags;text}. What programs write has another facility than the kernel's, which is 0. */
    static void record(String record, EventTally tally) {
        int comma = record.indexOf(',');
        int text = record.indexOf(';');
        int end = record.indexOf('\n');
        if (comma < 1
                || comma > 4
                || text < 0
                || !record.substring(0, comma).chars().allMatch(Character::isDigit)) {
            return;
        }
        if (Integer.parseInt(record.substring(0, comma)) >> 3 != 0) {
            return;
        }
        String line = record.substring(text + 1, end < text ? record.length() : end);
        AppArmorEvent.parse(line).ifPresent(tally::add);
        if (HELD_BACK.stream().anyMatch(line::startsWith)) {
            tally.lost();
        }
    }
}
