package io.plumbline.kernel;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of AppArmor's in an audit log: what a profile denied, or would deny in enforce mode; or that a profile was loaded.
 *
 * <p>Names of files and commands are chosen by workloads. The kernel writes one with a quote, a space or a control character in it in hex, without quotes
 * (lib/audit.c, audit_log_untrustedstring), so that none of them can look like a field.
 *
 * @param at when, to the millisecond
 * @param verdict {@code ALLOWED} (complain mode let it pass), {@code DENIED}, {@code AUDIT}, {@code STATUS} and others
 * @param operation such as {@code open}, {@code exec}, {@code profile_load}
 * @param profile that it happened under, or that was loaded: {@code name} in the line of a load; empty where none is named
 * @param inNamespace of another policy namespace than the kernel's own
 * @param object what was asked for: the file, the capability, the peer; empty where none is named
 * @param requested what was to be done with it, as the kernel abbreviates it; empty where it is not said
 * @param command the process's name
 * @param info what the kernel adds, or an error's number; empty mostly
 */
public record AppArmorEvent(
        Instant at,
        String verdict,
        String operation,
        String profile,
        boolean inNamespace,
        String object,
        String requested,
        String command,
        String info) {

    /** auditd writes none of more than 8970 bytes. */
    static final int LONGEST_LINE = 16 << 10;

    /** By the kernel itself, in the kernel's log and in auditd's; what programs send has other types. */
    private static final Pattern BEGINNING = Pattern.compile(
            "(?:node=\\S+ )?(?:audit: type=1400 |type=(?:AVC|APPARMOR_[A-Z]+) msg=)audit\\((\\d{1,11})\\.(\\d{3}):\\d+\\): *(?=apparmor=)");

    /** Any record of an audit log, with its time. */
    private static final Pattern STAMP = Pattern.compile(
            "(?:node=\\S+ )?(?:audit: |type=[A-Z_0-9\\[\\]]+ msg=|audit: type=\\d+ )audit\\((\\d{1,11})\\.(\\d{3}):\\d+\\):");

    private static final Set<String> WRITTEN_BY_OTHERS =
            Set.of("name", "profile", "comm", "info", "target", "peer", "namespace", "label", "capname");

    /** auditd appends its interpretation of some fields after this. */
    private static final char ENRICHMENT = 0x1d;

    /** When a line of an audit log was made, to the millisecond; empty if it is none. */
    static Optional<Instant> stamp(String line) {
        Matcher stamp = STAMP.matcher(line);
        return stamp.lookingAt() ? Optional.of(time(stamp)) : Optional.empty();
    }

    private static Instant time(Matcher stamped) {
        return Instant.ofEpochSecond(Long.parseLong(stamped.group(1)), 1_000_000L * Long.parseLong(stamped.group(2)));
    }

    /** Reads one line, without its end; empty if it is none of AppArmor's. */
    public static Optional<AppArmorEvent> parse(String line) {
        if (!line.contains("apparmor=")) {
            return Optional.empty();
        }
        Matcher beginning = BEGINNING.matcher(line);
        if (!beginning.lookingAt()) {
            return Optional.empty();
        }
        Map<String, String> fields = fields(line, beginning.end());
        String verdict = fields.getOrDefault("apparmor", "");
        boolean status = verdict.equals("STATUS");
        return Optional.of(new AppArmorEvent(
                time(beginning),
                verdict,
                fields.getOrDefault("operation", ""),
                fields.getOrDefault(status ? "name" : "profile", ""),
                fields.containsKey("namespace") || fields.containsKey("ns"),
                status ? "" : object(fields),
                fields.getOrDefault("denied_mask", fields.getOrDefault("requested_mask", "")),
                fields.getOrDefault("comm", ""),
                fields.getOrDefault("info", fields.getOrDefault("error", ""))));
    }

    private static String object(Map<String, String> fields) {
        for (String key : new String[] {"name", "capname", "target", "peer", "family"}) {
            String value = fields.get(key);
            if (value != null) {
                return value;
            }
        }
        return "";
    }

    /** The first of a key counts: the kernel writes each once. */
    private static Map<String, String> fields(String line, int from) {
        Map<String, String> fields = new HashMap<>();
        int at = from;
        while (at < line.length() && line.charAt(at) != ENRICHMENT) {
            int equals = line.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            String key = line.substring(at, equals).strip();
            int end;
            String value;
            if (equals + 1 < line.length() && line.charAt(equals + 1) == '"') {
                int quote = line.indexOf('"', equals + 2);
                end = quote < 0 ? line.length() : quote + 1;
                value = line.substring(equals + 2, quote < 0 ? line.length() : quote);
            } else {
                end = endOfWord(line, equals + 1);
                value = line.substring(equals + 1, end);
                value = WRITTEN_BY_OTHERS.contains(key) ? unhexed(value) : value;
            }
            fields.putIfAbsent(key, value);
            at = end;
        }
        return fields;
    }

    private static int endOfWord(String line, int from) {
        int end = from;
        while (end < line.length() && line.charAt(end) != ' ' && line.charAt(end) != ENRICHMENT) {
            end++;
        }
        return end;
    }

    private static String unhexed(String value) {
        boolean hex = value.length() % 2 == 0
                && !value.isEmpty()
                && value.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
        return hex ? new String(HexFormat.of().parseHex(value), StandardCharsets.UTF_8) : value;
    }

    /** Complain mode let it pass. */
    boolean isAllowed() {
        return verdict.equals("ALLOWED");
    }

    boolean isDenied() {
        return verdict.equals("DENIED");
    }

    /** Did the kernel take something new under this name? The same again is logged too, with an info, and what it refuses. */
    boolean isLoad() {
        return verdict.equals("STATUS")
                && (operation.equals("profile_load") || operation.equals("profile_replace"))
                && info.isEmpty();
    }
}
