package io.plumbline.kernel;

import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What was counted in the two logs that the kernel may write to: auditd's, and its own. */
final class AuditTallies {

    private final Instant boot;
    private final int mostDeeds;
    private final PrintLimit limit;
    private EventTally auditd;
    private EventTally kernel;

    /** @param mostDeeds how many different ones are kept of each profile */
    AuditTallies(Instant boot, int mostDeeds, PrintLimit limit) {
        this.boot = boot;
        this.mostDeeds = mostDeeds;
        this.limit = limit;
        this.auditd = new EventTally(AuditTrail.AUDITD, boot, mostDeeds);
        this.kernel = new EventTally(AuditTrail.KERNEL, boot, mostDeeds);
    }

    /** It is read from its beginning. */
    void beginAuditd() {
        auditd = new EventTally(AuditTrail.AUDITD, boot, mostDeeds);
    }

    /** The same of the kernel's own. */
    void beginKernel() {
        kernel = new EventTally(AuditTrail.KERNEL, boot, mostDeeds);
    }

    PrintLimit limit() {
        return limit;
    }

    EventTally auditd() {
        return auditd;
    }

    EventTally kernel() {
        return kernel;
    }

    /** A line of auditd's log. */
    void auditdLine(String line) {
        count(line, auditd);
        if (line.startsWith("type=DAEMON_END") || line.startsWith("type=DAEMON_ABORT")) {
            auditd.lost();
        }
    }

    /** {@code priority,number,microseconds,flags;text}. What programs write has another facility than the kernel's, which is 0. */
    void kernelRecord(String record) {
        int text = record.indexOf(';');
        int end = record.indexOf('\n');
        List<String> head =
                text < 0 ? List.of() : List.of(record.substring(0, text).split(",", -1));
        if (head.size() < 3 || !isNumber(head.get(0), 3) || !isNumber(head.get(2), 18)) {
            return;
        }
        if (Integer.parseInt(head.get(0)) >> 3 != 0) {
            return;
        }
        String line = record.substring(text + 1, end < text ? record.length() : end);
        long micros = Long.parseLong(head.get(2));
        count(line, kernel);
        limit.saw(line, micros);
        if (PrintLimit.isHeldBack(line)) {
            kernel.lost();
        } else if (PrintLimit.isLost(line)) {
            kernel.lost();
            auditd.lostAt(boot.plus(Duration.ofNanos(Math.multiplyExact(micros, 1000L))));
        }
    }

    private static void count(String line, EventTally tally) {
        Optional<AppArmorEvent> event = AppArmorEvent.parse(line);
        event.ifPresent(tally::add);
        event.map(AppArmorEvent::at).or(() -> AppArmorEvent.stamp(line)).ifPresent(tally::wroteAt);
    }

    private static boolean isNumber(String text, int longest) {
        return !text.isEmpty() && text.length() <= longest && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Unreadable where neither log shows the profile's load nor anything that it denied. */
    Reading<ProfileEvents> of(String name) {
        return counted(name).<Reading<ProfileEvents>>map(Reading::of).orElseGet(this::unknown);
    }

    /** The same of many, by name. */
    Map<String, Reading<ProfileEvents>> of(Collection<String> names) {
        Map<String, Reading<ProfileEvents>> all = new TreeMap<>();
        Reading<ProfileEvents> unknown = unknown();
        for (String name : names) {
            all.put(name, counted(name).<Reading<ProfileEvents>>map(Reading::of).orElse(unknown));
        }
        return all;
    }

    private Optional<ProfileEvents> counted(String name) {
        return Stream.of(auditd.of(name, kernel), kernel.of(name, auditd))
                .flatMap(Optional::stream)
                .max(Comparator.comparing(ProfileEvents::since))
                .or(() -> auditd.atLeast(name))
                .or(() -> kernel.atLeast(name));
    }

    private Reading<ProfileEvents> unknown() {
        return new Reading.Unreadable<>(
                AuditTrail.KERNEL + " and " + AuditTrail.AUDITD, kernel.why() + "; " + auditd.why());
    }
}
