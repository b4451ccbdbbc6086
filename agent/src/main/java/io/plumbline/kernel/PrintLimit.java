package io.plumbline.kernel;

import io.plumbline.model.Reading;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How many lines the kernel lets itself write into its log within some seconds (kernel/printk/printk.c, {@code printk_ratelimit}): audit
 * records, where no auditd takes them, and complaints about crashed processes. That it held lines back it says only before the next one that
 * it writes; so after as many lines as it may write it is not known whether there were more.
 */
final class PrintLimit {

    private static final long USUAL_SECONDS = 5;
    private static final long USUAL_LINES = 10;
    private static final long MICROS = 1_000_000;
    private static final long FAR = 1 << 20;

    /** kernel/audit.c */
    private static final List<String> LOST =
            List.of("audit: audit_lost=", "audit: rate limit exceeded", "audit: backlog limit exceeded");

    /** By the name of the function that was kept from it, of those that share this limit; lib/ratelimit.c. */
    private static final Pattern SUPPRESSED = Pattern.compile(
            "(?:kauditd_printk_skb|audit_printk_skb|show_signal_msg|show_signal): \\d+ callbacks suppressed");

    /** arch/x86/mm/fault.c, arch/x86/kernel/traps.c; what stands before it is the process's name. */
    private static final Pattern CRASH =
            Pattern.compile(".{0,64}\\[\\d+\\]:? .{1,40} ip[: ][0-9a-f]+ sp[: ][0-9a-f]+ .*");

    private final long seconds;
    private final long lines;
    private final Deque<Long> latest = new ArrayDeque<>();

    private PrintLimit(long seconds, long lines) {
        this.seconds = seconds;
        this.lines = lines;
    }

    /** As the kernel has it, if nobody has set another. */
    static PrintLimit usual() {
        return new PrintLimit(USUAL_SECONDS, USUAL_LINES);
    }

    /** As it is set; see sysctl/kernel.rst, printk_ratelimit. */
    static PrintLimit of(HostRoot host) {
        return new PrintLimit(
                number(host.file("/proc/sys/kernel/printk_ratelimit"), USUAL_SECONDS),
                number(host.file("/proc/sys/kernel/printk_ratelimit_burst"), USUAL_LINES));
    }

    private static long number(Reading<Content> file, long otherwise) {
        return file.observed()
                .map(content -> content.cursor().until('\n').onlyDecimal(FAR))
                .filter(value -> value != Cursor.NONE)
                .orElse(otherwise);
    }

    /**
     * Takes in a line of the kernel's.
     *
     * @param micros since boot
     */
    void saw(String line, long micros) {
        boolean limited = line.startsWith("audit: type=")
                || line.startsWith("audit(")
                || CRASH.matcher(line).matches();
        if (limited && lines > 0) {
            latest.addLast(micros);
            if (latest.size() > lines) {
                latest.removeFirst();
            }
        }
    }

    /** Does it say that lines are missing from this log? */
    static boolean isHeldBack(String line) {
        return SUPPRESSED.matcher(line).matches();
    }

    /** Does it say that records were lost, wherever they were to go? */
    static boolean isLost(String line) {
        return LOST.stream().anyMatch(line::startsWith);
    }

    /** Were the last lines so many, and so close, that more may have been held back? */
    boolean mayHoldBack() {
        return seconds > 0
                && lines > 0
                && latest.size() >= lines
                && latest.getLast() - latest.getFirst() <= seconds * MICROS;
    }
}
